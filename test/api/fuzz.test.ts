import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ERRORS } from '../../core/errors.js';
import { seededRng } from '../../core/random.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { mutate } from './mutate.js';
import { startTestApp, type TestApp } from './test-app.js';

let t: TestApp;
beforeAll(async () => {
  t = await startTestApp();
});
afterAll(() => t.close());

const zoo = { zoo: 'mobilenet-v3-tiny', options: { width: 0.5, classes: 10, stemStride: 1 } };
const document = { network: buildZooNetwork('mobilenet-v3-tiny', { width: 0.25 }) };
const recipes = { fineTune: { steps: 10, batchSize: 8 }, final: { distillation: 0.5 } };
const BODIES: readonly [string, unknown][] = [
  ['/measure', { device: 'bench', candidate: zoo, protocol: { maxVisits: 9 }, priority: 1, remeasure: true }],
  ['/measure', { device: 'bench', candidate: document }],
  ['/inspect', { candidate: zoo }],
  ['/inspect', { candidate: document }],
  ['/estimate', { devices: ['bench'], candidates: [zoo, document], strict: false, ops: true }],
  ['/devices', { name: 'fuzzed', runtime: 'fake', threads: 2, runtimeOptions: { noise: { sd: 0.1 } } }],
  [
    '/adaptations',
    { device: 'bench', candidate: zoo, dataset: { kind: 'mnist' }, budget: { ratio: 0.5 }, recipes },
  ],
];
const MUTANTS_A_BODY = 150;

describe.each(BODIES.map(([url, body], i) => ({ url, body, seed: i })))(
  '$url with mutated bodies',
  ({ url, body, seed }) => {
    it('answers, or refuses with a reason', async () => {
      const rng = seededRng(1000 + seed);
      const statuses = new Map<number, number>();
      for (let i = 0; i < MUTANTS_A_BODY; i++) {
        let mutant = mutate(body, rng);
        if (rng() < 0.3) mutant = mutate(mutant, rng);
        const answer = await t.send('POST', url, mutant);
        statuses.set(answer.statusCode, (statuses.get(answer.statusCode) ?? 0) + 1);
        const sent = JSON.stringify(mutant).slice(0, 500);
        expect(answer.statusCode, `${sent}\n${answer.body}`).toBeLessThan(500);
        if (answer.statusCode < 400) continue;
        const problem = answer.json();
        expect(Object.keys(ERRORS), sent).toContain(problem.code);
        expect(problem.detail.length, sent).toBeGreaterThan(5);
        expect(problem.pointer, sent).toMatch(/^(\/.*)?$/);
      }
      // Mutants that were all accepted, or all refused, would have tested little.
      const refused = [...statuses].reduce((sum, [status, count]) => sum + (status >= 400 ? count : 0), 0);
      expect(refused).toBeGreaterThan(MUTANTS_A_BODY * 0.3);
    });
  },
);

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

it('survives strange paths and queries', async () => {
  const rng = seededRng(8);
  const parts = [
    'jobs',
    'devices',
    'adaptations',
    'latency-table',
    'blobs',
    'zoo',
    '..',
    '%00',
    '%ff',
    '%',
    "'",
    '💥',
    'events',
  ];
  const pick = () => parts[Math.floor(rng() * parts.length)]!;
  for (let i = 0; i < 300; i++) {
    const url = `/${pick()}/${pick()}/${pick()}?${pick()}=${pick()}&limit=${pick()}`;
    const answer = await t.inject({ method: 'GET', url: rng() < 0.5 ? encodeURI(url) : url });
    expect(answer.statusCode, url).toBeLessThan(500);
  }
});
