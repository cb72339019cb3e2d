import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from './test-app.js';

let t: TestApp;
beforeAll(async () => {
  t = await startTestApp();
});
afterAll(() => t.close());

const input = { id: 'in', op: 'input', inputs: [], shape: [8, 8, 3] };
const conv = {
  id: 'c1',
  op: 'conv2d',
  inputs: ['in'],
  filters: 8,
  kernel: [3, 3],
  stride: [1, 1],
  padding: 'same',
  groups: 1,
  bias: true,
};
const relu = { id: 'r1', op: 'activation', inputs: ['c1'], activation: 'relu' };
const network = (...nodes: object[]) => ({ network: { name: 'n', nodes } });
const tiny = { zoo: 'mobilenet-v3-tiny', options: { width: 0.5 } };

/** What is wrong, the candidate, and what must be said about it. */
const CANDIDATES: readonly [string, unknown, { status: number; code: string; pointer: string }][] = [
  [
    'an unknown zoo name',
    { zoo: 'resnet-9000' },
    { status: 422, code: 'unknown-zoo-network', pointer: '/zoo' },
  ],
  [
    'an unknown zoo option',
    { zoo: 'mobilenet-v2', options: { depth: 2 } },
    { status: 422, code: 'invalid-zoo-option', pointer: '/options/depth' },
  ],
  [
    'a zoo option beyond its bounds',
    { zoo: 'mobilenet-v2', options: { width: 900 } },
    { status: 422, code: 'invalid-zoo-option', pointer: '/options/width' },
  ],
  [
    'a zoo option of the wrong type',
    { zoo: 'mobilenet-v2', options: { classes: '10' } },
    { status: 422, code: 'invalid-zoo-option', pointer: '/options/classes' },
  ],
  [
    'a cycle',
    network(input, { ...conv, inputs: ['r1'] }, relu),
    { status: 422, code: 'invalid-network', pointer: '/network/nodes/1/inputs/0' },
  ],
  [
    'a missing input',
    network(input, { ...conv, inputs: ['nowhere'] }),
    { status: 422, code: 'invalid-network', pointer: '/network/nodes/1/inputs/0' },
  ],
  [
    'shapes that do not add up',
    network(input, conv, { id: 'a', op: 'add', inputs: ['in', 'c1'] }),
    { status: 422, code: 'invalid-network', pointer: '/network/nodes/2/inputs/1' },
  ],
  [
    'zero channels',
    network(input, { ...conv, filters: 0 }),
    { status: 422, code: 'invalid-network', pointer: '/network/nodes/1/filters' },
  ],
  [
    'a billion channels',
    network(input, { ...conv, filters: 1e9 }),
    { status: 422, code: 'invalid-network', pointer: '/network/nodes/1/filters' },
  ],
  [
    'half a channel',
    network(input, { ...conv, filters: 1.5 }),
    { status: 422, code: 'invalid-network', pointer: '/network/nodes/1/filters' },
  ],
  [
    'null for NaN',
    network(input, { ...conv, filters: Number.NaN }),
    { status: 422, code: 'invalid-network', pointer: '/network/nodes/1/filters' },
  ],
  [
    'duplicate ids',
    network(input, conv, { ...relu, id: 'c1' }),
    { status: 422, code: 'invalid-network', pointer: '/network/nodes/2/id' },
  ],
  [
    'an unknown field of a node',
    network(input, { ...conv, dilation: 2 }),
    { status: 422, code: 'invalid-network', pointer: '/network/nodes/1/dilation' },
  ],
  ['neither zoo nor network', {}, { status: 400, code: 'invalid-request', pointer: '' }],
  [
    'both zoo and network',
    { zoo: 'mobilenet-v2', network: {} },
    { status: 400, code: 'invalid-request', pointer: '' },
  ],
  ['a zoo name of the wrong type', { zoo: 5 }, { status: 400, code: 'invalid-request', pointer: '/zoo' }],
  [
    'an unknown field of the candidate',
    { zoo: 'mobilenet-v2', optoins: {} },
    { status: 400, code: 'invalid-request', pointer: '/optoins' },
  ],
  ['a candidate of the wrong type', 'mobilenet-v2', { status: 400, code: 'invalid-request', pointer: '' }],
];

/** Every route that takes a candidate: its body around one, and where the candidate stands there. */
const ROUTES: readonly [string, (candidate: unknown) => unknown, string][] = [
  ['/measure', (candidate) => ({ device: 'bench', candidate }), '/candidate'],
  ['/inspect', (candidate) => ({ candidate }), '/candidate'],
  ['/estimate', (candidate) => ({ devices: ['bench'], candidates: [tiny, candidate] }), '/candidates/1'],
  [
    '/adaptations',
    (candidate) => ({ device: 'bench', candidate, dataset: { kind: 'mnist' }, budget: { ratio: 0.6 } }),
    '/candidate',
  ],
];

async function refuse(url: string, body: unknown, expected: object, headers: Record<string, string> = {}) {
  const before = t.rowCounts();
  const answer = await t.send('POST', url, body, headers);
  expect(answer.json()).toMatchObject(expected);
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8');
  expect(t.rowCounts()).toEqual(before);
}

describe.each(ROUTES)('POST %s refuses', (url, bodyOf, place) => {
  it.each(CANDIDATES)('%s', async (_what, candidate, { pointer, ...expected }) => {
    await refuse(url, bodyOf(candidate), { ...expected, pointer: `${place}${pointer}` });
  });
});

describe('a refused request says what is wrong and changes nothing', () => {
  const measure = { device: 'bench', candidate: tiny };
  const adapt = { device: 'bench', candidate: tiny, dataset: { kind: 'mnist' }, budget: { ratio: 0.6 } };

  it.each([
    [
      'a body that is no JSON',
      '/measure',
      '{"device": ',
      { status: 400, code: 'invalid-request', pointer: '' },
    ],
    ['NaN', '/measure', '{"device": NaN}', { status: 400, code: 'invalid-request', pointer: '' }],
    ['no body', '/measure', '', { status: 400, code: 'invalid-request', pointer: '' }],
    ['an array', '/measure', [], { status: 400, code: 'invalid-request', pointer: '' }],
    [
      'a missing field',
      '/measure',
      { candidate: tiny },
      { status: 400, code: 'invalid-request', pointer: '/device' },
    ],
    ['a wrong type', '/measure', { ...measure, device: 5 }, { status: 400, pointer: '/device' }],
    ['an unknown field', '/measure', { ...measure, devcie: 'x' }, { status: 400, pointer: '/devcie' }],
    [
      'a fraction for an integer',
      '/measure',
      { ...measure, priority: 1.5 },
      { status: 400, pointer: '/priority' },
    ],
    ['a number as text', '/measure', { ...measure, priority: '1' }, { status: 400, pointer: '/priority' }],
    [
      'an unknown device',
      '/measure',
      { ...measure, device: 'nope' },
      { status: 404, code: 'unknown-device', pointer: '/device' },
    ],
    [
      'an unknown device',
      '/adaptations',
      { ...adapt, device: 'nope' },
      { status: 404, code: 'unknown-device', pointer: '/device' },
    ],
    [
      'an unknown device',
      '/estimate',
      { devices: ['bench', 'nope'], candidates: [tiny] },
      { status: 404, code: 'unknown-device', pointer: '/devices/1' },
    ],
    [
      'no candidates',
      '/estimate',
      { devices: ['bench'], candidates: [] },
      { status: 400, pointer: '/candidates' },
    ],
    [
      'one device twice',
      '/estimate',
      { devices: ['bench', 'bench'], candidates: [tiny] },
      { status: 400, pointer: '/devices' },
    ],
    [
      'a table without the ops',
      '/estimate',
      { devices: ['bench'], candidates: [tiny], strict: true },
      { status: 422, code: 'missing-ops', pointer: '/candidates/0' },
    ],
    [
      'an impossible protocol',
      '/measure',
      { ...measure, protocol: { minVisits: 9, maxVisits: 3 } },
      { status: 400, pointer: '/protocol/minVisits' },
    ],
    [
      'rounds that would go on after the visits have ended',
      '/measure',
      { ...measure, protocol: { spreadMs: 600_000 } },
      { status: 400, pointer: '/protocol/spreadMs' },
    ],
    [
      'an unknown protocol field',
      '/measure',
      { ...measure, protocol: { visits: 9 } },
      { status: 400, pointer: '/protocol/visits' },
    ],
    [
      'a budget of zero',
      '/adaptations',
      { ...adapt, budget: { latencyMs: 0 } },
      { status: 400, pointer: '/budget/latencyMs' },
    ],
    [
      'a budget above the seed',
      '/adaptations',
      { ...adapt, budget: { ratio: 1.2 } },
      { status: 400, pointer: '/budget/ratio' },
    ],
    [
      'an unknown policy',
      '/adaptations',
      { ...adapt, policy: 'greedy' },
      { status: 400, pointer: '/policy' },
    ],
    [
      'a recipe of the wrong type',
      '/adaptations',
      { ...adapt, recipes: { fineTune: { steps: '9' } } },
      { status: 400, pointer: '/recipes/fineTune/steps' },
    ],
    [
      'weights that are not there',
      '/adaptations',
      { ...adapt, weights: 'a'.repeat(64) },
      { status: 422, code: 'missing-weights', pointer: '/weights' },
    ],
    [
      'a data set that is not there',
      '/adaptations',
      { ...adapt, dataset: { kind: 'idx', directory: '/nonexistent' } },
      { status: 422, code: 'unknown-dataset', pointer: '/dataset' },
    ],
    [
      'a network that does not fit the data set',
      '/adaptations',
      { ...adapt, candidate: { zoo: 'mobilenet-v2' } },
      { status: 422, code: 'dataset-mismatch', pointer: '/candidate' },
    ],
    [
      'too few classes',
      '/adaptations',
      { ...adapt, candidate: { ...tiny, options: { classes: 7 } } },
      { status: 422, code: 'dataset-mismatch', pointer: '/candidate' },
    ],
    [
      'a device name with a slash',
      '/devices',
      { name: 'a/b', runtime: 'fake' },
      { status: 400, pointer: '/name' },
    ],
    [
      'an element type that no browser runs',
      '/devices',
      { name: 'x', runtime: 'onnxruntime-web', dtype: 'int8' },
      { status: 400, pointer: '/dtype' },
    ],
    [
      'threads of a runtime that has one',
      '/devices',
      { name: 'x', runtime: 'tfjs-web', threads: 2 },
      { status: 400, pointer: '/threads' },
    ],
    ['an unknown runtime', '/devices', { name: 'x', runtime: 'tpu' }, { status: 400, pointer: '/runtime' }],
  ])('%s (%s)', async (_what, url, body, expected) => {
    await refuse(url, body, expected);
  });

  it.each(['__proto__', 'constructor', 'prototype'])('the key %s, anywhere', async (key) => {
    const body = `{"device": "bench", "candidate": {"zoo": "mobilenet-v3-tiny", "options": {"${key}": {"width": 1}}}}`;
    await refuse('/measure', body, {
      status: 400,
      code: 'invalid-request',
      pointer: `/candidate/options/${key}`,
    });
    const escaped = `{"\\u005f${'_proto__'}": {}, "device": "bench"}`;
    await refuse('/measure', escaped, { status: 400, pointer: '/__proto__' });
  });

  it('a number beyond a double', async () => {
    const body =
      '{"device": "bench", "candidate": {"zoo": "mobilenet-v3-tiny", "options": {"width": 1e999}}}';
    await refuse('/measure', body, { status: 400, pointer: '/candidate/options/width' });
  });

  it('endless nesting', async () => {
    const body = `{"candidate": {"network": ${'['.repeat(100_000)}${']'.repeat(100_000)}}}`;
    await refuse('/inspect', body, { status: 400, code: 'invalid-request' });
  });

  it('a body of 10 MB', async () => {
    const body = JSON.stringify({ device: 'bench', candidate: { zoo: 'x'.repeat(10 * 2 ** 20) } });
    for (const url of ['/measure', '/inspect', '/estimate', '/adaptations', '/devices']) {
      await refuse(url, body, { status: 413, code: 'payload-too-large' });
    }
  });

  it('another media type', async () => {
    await refuse(
      '/measure',
      'device=bench',
      { status: 415, code: 'unsupported-media-type' },
      {
        'content-type': 'application/x-www-form-urlencoded',
      },
    );
  });

  it('an Idempotency-Key that is none', async () => {
    await refuse(
      '/measure',
      measure,
      { status: 400, pointer: '/idempotency-key', in: 'header' },
      {
        'idempotency-key': '',
      },
    );
  });

  it.each([
    ['/jobs?limit=0', '/limit'],
    ['/jobs?limit=1.5', '/limit'],
    ['/jobs?limit=abc', '/limit'],
    ['/jobs?limit=', '/limit'],
    ['/jobs?limit=1&limit=2', '/limit'],
    ['/jobs?status=done', '/status'],
    ['/jobs?colour=red', '/colour'],
    ['/latency-table', '/device'],
    ['/latency-table?device=bench&format=xml', '/format'],
    ['/adaptations?status=ok', '/status'],
  ])('a query like %s', async (url, pointer) => {
    const answer = await t.get(url);
    expect(answer.json()).toMatchObject({ status: 400, code: 'invalid-request', pointer, in: 'query' });
  });

  it.each(['/jobs?before=job_nope', '/jobs?limit=2&before=adp_nope', '/adaptations?before=adp_nope'])(
    'a page that begins nowhere: %s',
    async (url) => {
      const answer = await t.get(url);
      expect(answer.json()).toMatchObject({
        status: 404,
        code: 'not-found',
        pointer: '/before',
        in: 'query',
      });
    },
  );

  it.each([
    ['GET', '/jobs/job_nope'],
    ['DELETE', '/jobs/job_nope'],
    ['GET', '/jobs/job_nope/events'],
    ['GET', '/adaptations/adp_nope'],
    ['GET', '/adaptations/adp_nope/events'],
    ['GET', '/adaptations/adp_nope/network'],
    ['POST', '/adaptations/adp_nope/cancel'],
    ['POST', '/adaptations/adp_nope/resume'],
    ['GET', `/blobs/${'0'.repeat(64)}`],
    ['GET', '/zoo/resnet-9000'],
    ['GET', '/nothing/here'],
    ['PATCH', '/jobs'],
  ] as const)('%s %s, which is not there', async (method, url) => {
    const answer = await t.inject({ method, url });
    expect(answer.json()).toMatchObject({ status: 404, code: 'not-found' });
  });

  it('a host name that is not this machine', async () => {
    const answer = await t.get('/jobs', { host: 'lutra.example.com' });
    expect(answer.json()).toMatchObject({ status: 400, pointer: '/host', in: 'header' });
    expect((await t.get('/jobs', { host: '127.0.0.1:8787' })).statusCode).toBe(200);
  });
});
