import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from './test-app.js';

interface Operation {
  readonly summary?: string;
  readonly responses: Readonly<Record<string, unknown>>;
}
interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

let t: TestApp;
let document: Document;
beforeAll(async () => {
  t = await startTestApp();
  document = (await t.get('/openapi.json')).json<Document>();
});
afterAll(() => t.close());

describe('/openapi.json', () => {
  it('describes every route of the design', () => {
    expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'Lutra', version: '1.2.3' } });
    const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(operations.sort()).toEqual([
      'DELETE /jobs/{id}',
      'DELETE /leases/{id}',
      'DELETE /session',
      'GET /adaptations',
      'GET /adaptations/{id}',
      'GET /adaptations/{id}/events',
      'GET /adaptations/{id}/network',
      'GET /blobs/{sha256}',
      'GET /devices',
      'GET /devices/{name}',
      'GET /devices/{name}/environments',
      'GET /events',
      'GET /healthz',
      'GET /jobs',
      'GET /jobs/{id}',
      'GET /jobs/{id}/events',
      'GET /latency-table',
      'GET /latency-table/networks',
      'GET /metrics',
      'GET /queue',
      'GET /readyz',
      'GET /session',
      'GET /sessions/{id}',
      'GET /sessions/{id}/samples',
      'GET /zoo',
      'GET /zoo/{name}',
      'POST /adaptations',
      'POST /adaptations/{id}/cancel',
      'POST /adaptations/{id}/resume',
      'POST /blobs/collect',
      'POST /comparisons',
      'POST /devices',
      'POST /devices/{name}/drain',
      'POST /devices/{name}/noise-check',
      'POST /devices/{name}/resume',
      'POST /estimate',
      'POST /fidelity-reports',
      'POST /inspect',
      'POST /jobs/{id}/retry',
      'POST /leases',
      'POST /leases/{id}/result',
      'POST /measure',
      'POST /pairings',
      'POST /pairings/claim',
      'POST /session',
      'PUT /blobs/{sha256}',
      'PUT /devices/{name}/environment',
      'PUT /leases/{id}',
    ]);
  });

  it('says in one line what each is for, and how it answers', () => {
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const [method, { summary, responses }] of Object.entries(methods)) {
        expect(summary, `${method} ${path}`).toMatch(/^[A-Z].{10,}/);
        expect(
          Object.keys(responses).some((status) => status.startsWith('2')),
          `${method} ${path}`,
        ).toBe(true);
      }
    }
  });

  it('refers to models that it defines, by their names', () => {
    const names = new Set(Object.keys(document.components.schemas));
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref!);
    expect(references.length).toBeGreaterThan(30);
    for (const reference of references) {
      expect(reference).toMatch(/^#\/components\/schemas\/[A-Za-z]+$/);
      expect(names).toContain(reference.split('/').at(-1));
    }
    expect(names).toContain('JobView');
  });
});

describe('/docs', () => {
  it('loads nothing from elsewhere', async () => {
    const page = await t.get('/docs');
    expect(page.statusCode).toBe(200);
    expect(page.body).not.toMatch(/(src|href)="https?:/);
    const script = /src="\.?\/?([^"]*swagger-ui-bundle\.js)"/.exec(page.body)?.[1];
    expect((await t.get(`/docs/${script?.replace(/^docs\//, '')}`)).statusCode).toBe(200);
  });
});
