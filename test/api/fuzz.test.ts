import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERRORS } from '../../core/errors.js';
import { seededRng } from '../../core/random.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { generate, type Schema } from './generate.js';
import { mutate } from './mutate.js';
import { type Answer, startTestApp, type TestApp } from './test-app.js';

interface Operation {
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly responses: Readonly<Record<string, { readonly description?: string }>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}
interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly operation: Operation;
}

/** Enough to fit `npm run verify`; 10,000 in all. */
const BODIES = 10_000;
const SECONDS = 1000;

let t: TestApp;
let document: Document;
let routes: readonly Route[];
beforeAll(async () => {
  t = await startTestApp(undefined, { limits: { requestsPerMinute: 1e7, refusalsPerMinute: 1e7 } });
  document = (await t.get('/openapi.json')).json<Document>();
  routes = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      method: method.toUpperCase() as Route['method'],
      path,
      operation,
    })),
  );
});
afterAll(() => t.close());

const zoo = { zoo: 'mobilenet-v3-tiny', options: { width: 0.5, classes: 10, stemStride: 1 } };
const network = { network: buildZooNetwork('mobilenet-v3-tiny', { width: 0.25 }) };
const recipes = { fineTune: { steps: 10, batchSize: 8 }, final: { distillation: 0.5 } };

/** Bodies that are accepted: what is wrong only deep inside is reached from them. */
const GOOD: Readonly<Record<string, readonly unknown[]>> = {
  '/measure': [
    { device: 'bench', candidate: zoo, protocol: { maxVisits: 9 }, priority: 1, remeasure: true },
    { device: 'bench', candidate: network },
  ],
  '/inspect': [{ candidate: zoo }, { candidate: network }],
  '/estimate': [{ devices: ['bench'], candidates: [zoo, network], strict: false, ops: true }],
  '/devices': [{ name: 'fuzzed', runtime: 'fake', threads: 2, runtimeOptions: { noise: { sd: 0.1 } } }],
  '/adaptations': [
    { device: 'bench', candidate: zoo, dataset: { kind: 'mnist' }, budget: { ratio: 0.5 }, recipes },
  ],
};

function checkAnswer(answer: Answer, sent: string): void {
  expect(answer.statusCode, `${sent}\n${answer.body}`).toBeLessThan(500);
  if (answer.statusCode < 400) return;
  const problem = answer.json();
  expect(Object.keys(ERRORS), sent).toContain(problem.code);
  expect(problem.detail.length, sent).toBeGreaterThan(5);
  expect(problem.pointer ?? '', sent).toMatch(/^(\/.*)?$/);
}

/** What is still reachable, in bytes. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

describe('the served OpenAPI document', () => {
  it(
    `${BODIES} mutated bodies are answered, or refused with a reason, and nothing of them stays in memory`,
    async () => {
      const rng = seededRng(1000);
      const bodied = routes.filter(({ operation }) => operation.requestBody?.content['application/json']);
      expect(bodied.map(({ path }) => path)).toEqual(expect.arrayContaining(Object.keys(GOOD)));
      const statuses = new Map<string, { refused: number; sent: number }>();
      let heapBefore = 0;
      for (let i = 0; i < BODIES; i++) {
        if (i === BODIES * 0.4) heapBefore = heapBytes();
        const { method, path, operation } = bodied[i % bodied.length]!;
        const schema = operation.requestBody!.content['application/json']!.schema;
        const good = GOOD[path] ?? [];
        const isFromGood = good.length > 0 && rng() < 0.6;
        let body = isFromGood
          ? good[Math.floor(rng() * good.length)]
          : generate(schema, document.components.schemas, rng);
        for (let changes = rng() < 0.1 ? 0 : rng() < 0.7 ? 1 : 3; changes > 0; changes--)
          body = mutate(body, rng);
        const url = path.replaceAll(/\{\w+\}/g, 'bench');
        const answer = await t.inject({
          method,
          url,
          headers: { 'content-type': 'application/json' },
          payload: JSON.stringify(body) ?? 'null',
        });
        checkAnswer(answer, `${method} ${url} ${JSON.stringify(body)?.slice(0, 500)}`);
        const count = statuses.get(path) ?? { refused: 0, sent: 0 };
        statuses.set(path, {
          refused: count.refused + (answer.statusCode >= 400 ? 1 : 0),
          sent: count.sent + 1,
        });
      }
      const grownBytes = heapBytes() - heapBefore;
      expect(grownBytes).toBeLessThan(16 * 2 ** 20);
      // Bodies that were all accepted, or all refused, would have tested little.
      for (const [path, { refused, sent }] of statuses) {
        expect(refused, path).toBeGreaterThan(sent * 0.2);
        if (path in GOOD) expect(refused, path).toBeLessThan(sent);
      }
    },
    600 * SECONDS,
  );

  it(
    'strange paths and queries are answered, or refused with a reason, by every route',
    async () => {
      const rng = seededRng(8);
      const texts = [
        'bench',
        'job_1',
        '..',
        '%00',
        '%ff',
        "'",
        '💥',
        '-1',
        '1e9',
        'a'.repeat(300),
        '0'.repeat(64),
      ];
      const pick = () => texts[Math.floor(rng() * texts.length)]!;
      for (const { method, path, operation } of routes) {
        for (let i = 0; i < 20; i++) {
          const query = (operation.parameters ?? [])
            .filter((parameter) => parameter.in === 'query' && rng() < 0.5)
            .map(({ name, schema }) => {
              const value = rng() < 0.5 ? pick() : generate(schema, document.components.schemas, rng);
              return `${name}=${encodeURIComponent(String(value))}`;
            });
          const extra = rng() < 0.2 ? [`${encodeURI(pick())}=${encodeURI(pick())}`] : [];
          const place = path.replaceAll(/\{\w+\}/g, () => encodeURI(pick()));
          const status = await statusOf(method, `${place}?${[...query, ...extra].join('&')}`);
          expect(status, `${method} ${place}`).toBeLessThan(500);
        }
      }
    },
    300 * SECONDS,
  );
});

it('survives bytes that are no JSON', async () => {
  const rng = seededRng(7);
  for (let i = 0; i < 100; i++) {
    const bytes = Buffer.from(
      Array.from({ length: 1 + Math.floor(rng() * 60) }, () => Math.floor(rng() * 256)),
    );
    const headers = { 'content-type': 'application/json' };
    const answer = await t.inject({ method: 'POST', url: '/measure', headers, payload: bytes });
    expect(answer.statusCode).toBe(400);
  }
});

it('survives paths that no client would send', async () => {
  const rng = seededRng(9);
  const parts = ['jobs', 'devices', 'blobs', 'zoo', '..', '%00', '%ff', '%', "'", '%2e%2e', 'events', ''];
  const pick = () => parts[Math.floor(rng() * parts.length)]!;
  for (let i = 0; i < 300; i++) {
    const path = `/${pick()}/${pick()}/${pick()}?${pick()}=${pick()}&limit=${pick()}`;
    expect(await statusOf('GET', path), path).toBeLessThan(500);
  }
});

/** Over a connection, its path as it stands; a body that never ends is not waited for. */
async function statusOf(method: string, path: string): Promise<number> {
  if (!t.app.server.listening) await t.app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = t.app.server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, method, path }, (answer) => {
      resolve(answer.statusCode ?? 0);
      answer.destroy();
    });
    sent.once('error', reject);
    sent.end();
  });
}
