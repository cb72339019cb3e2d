import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EstimateAnswer } from '../../contracts/http/estimate.js';
import { fuse } from '../../core/ops/fuse.js';
import type { DType } from '../../core/ops/op.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
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
