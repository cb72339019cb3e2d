import { setImmediate as nextTurn } from 'node:timers/promises';
import { Value } from 'typebox/value';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EstimateAnswer } from '../../contracts/http/estimate.js';
import { fuse } from '../../core/ops/fuse.js';
import type { DType } from '../../core/ops/op.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { buildApp } from '../../services/api/app.js';
import { ENVIRONMENT } from '../db/session-report.js';
import { startTestApp, type TestApp } from './test-app.js';

let t: TestApp;
beforeEach(async () => {
  t = await startTestApp();
  const devices = new DeviceRepository(t.db);
  for (const name of ['half', 'bare']) devices.register({ name, runtime: 'fake', options: { threads: 1 } });
  devices.register({ name: 'q8', runtime: 'fake', options: { threads: 1, dtype: 'int8' } });
  t.commit('bench', {
    ops: opsAt(100_000, keysOf(1)),
    networks: [{ network: buildZooNetwork(ZOO, {}), latencyNs: 120_000 * keysOf(1).length }],
  });
  t.commit('half', { ops: opsAt(300_000, HALF), environment: environmentOf('half') });
  t.commit('q8', { ops: opsAt(50_000, keysOf(1, 'int8')), environment: environmentOf('q8', 'int8') });
});
afterEach(() => t.close());

const ZOO = 'mobilenet-v3-tiny';
const CANDIDATES = [{ zoo: ZOO }, { zoo: 'mobilenet-v2', options: { resolution: 32 } }];
const DEVICES = ['bench', 'half', 'bare', 'q8'];

function keysOf(width: number, dtype: DType = 'float32'): readonly string[] {
  return fuse(buildZooNetwork(ZOO, { width }), dtype).map(({ key }) => key);
}

/** Every second op of the first candidate, each once. */
const HALF = [...new Set(keysOf(1))].filter((_, i) => i % 2 === 0);

function opsAt(latencyNs: number, keys: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries(keys.map((key) => [key, latencyNs]));
}

/** Devices of equal environments would share a table; channels are not snapped here. */
function environmentOf(name: string, dtype: 'float32' | 'int8' = 'float32') {
  return { ...ENVIRONMENT, cpuModel: `CPU of ${name}`, channelStep: 1, dtype };
}

const ask = (body: object = {}) =>
  t.send('POST', '/estimate', { devices: DEVICES, candidates: CANDIDATES, ...body });

describe('POST /estimate for several devices at once', () => {
  it('answers candidates in order within devices in order, each device from its own table', async () => {
    const answer = await ask();
    expect(answer.statusCode).toBe(200);
    const { estimates } = answer.json<EstimateAnswer>();
    expect(estimates.map(({ device, candidate }) => [device, candidate])).toEqual(
      DEVICES.flatMap((device) => [0, 1].map((candidate) => [device, candidate])),
    );
  });

  it('gives a full table’s latency beside a part from a half one and nothing from none', async () => {
    const { estimates } = (await ask({ candidates: CANDIDATES.slice(0, 1) })).json<EstimateAnswer>();
    const [bench, half, bare, q8] = estimates;
    const count = keysOf(1).length;
    expect(bench).toMatchObject({
      latencyMs: expect.closeTo(0.12 * count, 9),
      interval: { lowMs: expect.any(Number), highMs: expect.any(Number), level: 0.95 },
      coverage: 1,
      missing: [],
    });
    const known = keysOf(1).filter((key) => HALF.includes(key)).length;
    expect(half).toMatchObject({
      latencyMs: null,
      interval: null,
      partialMs: expect.closeTo(0.3 * known, 9),
      coverage: expect.closeTo(known / count, 9),
    });
    expect(new Set(half!.missing)).toEqual(new Set(keysOf(1).filter((key) => !HALF.includes(key))));
    expect(bare).toMatchObject({ latencyMs: null, interval: null, partialMs: null, coverage: 0 });
    expect(new Set(bare!.missing)).toEqual(new Set(keysOf(1)));
    expect(bare!.ops!.every(({ latencyMs, source }) => latencyMs === null && source === null)).toBe(true);
    // Its ops are int8 ones, by name and by table.
    expect(q8).toMatchObject({ latencyMs: expect.closeTo(0.05 * count, 9), coverage: 1, missing: [] });
    expect(q8!.ops!.every(({ key }) => key.endsWith(':i8'))).toBe(true);
  });

  it('ranks candidates within a device, and only those that it knows', async () => {
    const { estimates } = (await ask({ ops: false })).json<EstimateAnswer>();
    const ranks = (device: string) =>
      estimates.filter((view) => view.device === device).map(({ rank }) => rank);
    expect(ranks('bench')).toEqual([{ best: 1, worst: 1 }, null]);
    expect(ranks('half')).toEqual([null, null]);
    expect(ranks('bare')).toEqual([null, null]);
  });

  it('refuses, when strict, naming the first device that lacks ops', async () => {
    const one = { candidates: CANDIDATES.slice(0, 1), strict: true };
    expect((await ask({ ...one, devices: ['bench', 'q8'] })).statusCode).toBe(200);
    const answer = await ask({ ...one, devices: ['bench', 'bare'] });
    expect(answer.statusCode).toBe(422);
    expect(answer.json()).toMatchObject({
      code: 'missing-ops',
      pointer: '/candidates/0',
      details: { device: 'bare', candidate: 0, missing: expect.arrayContaining([keysOf(1)[0]]) },
    });
  });

  it('refuses a device that is not registered, by its place', async () => {
    const answer = await ask({ devices: ['bench', 'toaster'] });
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ code: 'unknown-device', pointer: '/devices/1' });
  });
});

describe('POST /estimate for very many at once', () => {
  const many = (count: number) =>
    Array.from({ length: count }, (_, i) => ({ zoo: ZOO, options: { width: 0.5 + (i % 50) * 0.01 } }));

  it('refuses more than 2,000 estimates with their ops, before any work, and says how to get under it', async () => {
    const refused = await ask({ candidates: many(501) });
    expect(refused.json()).toMatchObject({
      status: 400,
      code: 'invalid-request',
      pointer: '/candidates',
      detail: expect.stringMatching(/501 candidates on 4 devices are 2,004 .* holds 2,000: .* "ops": false/),
    });
    const { estimates } = (await ask({ candidates: many(500) })).json<EstimateAnswer>();
    expect(estimates).toHaveLength(2_000);
    expect(estimates.at(-1)).toMatchObject({ device: 'q8', candidate: 499, ops: expect.any(Array) });
    const lean = (await ask({ candidates: many(501), ops: false })).json<EstimateAnswer>();
    expect(lean.estimates).toHaveLength(2_004);
  });

  it('writes a long answer in pieces, which is what short ones are', async () => {
    const candidates = many(60);
    const { body, headers } = await ask({ devices: ['bench'], candidates });
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
    const whole = (JSON.parse(body) as EstimateAnswer).estimates;
    expect(Value.Errors(EstimateAnswer, JSON.parse(body))).toEqual([]);
    expect(whole.map(({ candidate }) => candidate)).toEqual(candidates.map((_, i) => i));
    for (const i of [0, 49, 50, 59]) {
      const answer = await ask({ devices: ['bench'], candidates: [candidates[i]] });
      const [alone] = answer.json<EstimateAnswer>().estimates;
      expect({ ...whole[i], rank: null }).toEqual({ ...alone, candidate: i });
    }
  });

  it('gives other requests a turn all along', async () => {
    for (let i = 0; i < 12; i++) {
      new DeviceRepository(t.db).register({ name: `d${i}`, runtime: 'fake', options: { threads: 1 } });
      t.commit(`d${i}`, { ops: opsAt(100_000, keysOf(1)) });
    }
    // Without the test's own reading of every answer, which would be one long turn.
    const app = await buildApp({ db: t.db, queue: t.queue, blobs: t.blobs });
    const devices = [...DEVICES, ...Array.from({ length: 12 }, (_, i) => `d${i}`)];
    const payload = { devices, candidates: many(1_000), ops: false };
    const startMs = performance.now();
    const asked = app.inject({ method: 'POST', url: '/estimate', payload }).then(() => performance.now());
    const longestMs = await longestTurnUntil(asked);
    expect(longestMs).toBeLessThan(((await asked) - startMs) / 4);
    await app.close();
  });
});

/** The longest time in which nothing else could be done. */
async function longestTurnUntil(end: Promise<unknown>): Promise<number> {
  let [longestMs, sinceMs, isOver] = [0, performance.now(), false];
  const noted = end.then(() => {
    isOver = true;
  });
  while (!isOver) {
    await nextTurn();
    longestMs = Math.max(longestMs, performance.now() - sinceMs);
    sinceMs = performance.now();
  }
  await noted;
  return longestMs;
}
