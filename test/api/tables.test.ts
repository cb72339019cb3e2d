import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeviceEnvironments } from '../../contracts/http/device-view.js';
import type { EstimateAnswer } from '../../contracts/http/estimate.js';
import type { LatencyTableView } from '../../contracts/http/latency-table-view.js';
import { fuse } from '../../core/ops/fuse.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { ENVIRONMENT } from '../db/session-report.js';
import { startTestApp, type TestApp } from './test-app.js';

let t: TestApp;
beforeEach(async () => {
  t = await startTestApp();
});
afterEach(() => t.close());

const network = buildZooNetwork('mobilenet-v3-tiny', {});
const candidate = { zoo: 'mobilenet-v3-tiny' };
const keys = fuse(network).map(({ key }) => key);
const uniqueKeys = [...new Set(keys)].sort();
/** 0.1 ms for every op. */
const allOps = Object.fromEntries(uniqueKeys.map((key) => [key, 100_000]));
const table = async (query = '', headers: Record<string, string> = {}) =>
  t.get(`/latency-table?device=bench${query}`, headers);
const estimate = async (body: object) => {
  const answer = await t.send('POST', '/estimate', { devices: ['bench'], candidates: [candidate], ...body });
  expect(answer.statusCode).toBe(200);
  return answer.json<EstimateAnswer>().estimates;
};

describe('GET /latency-table', () => {
  it('is empty before a worker has described the device', async () => {
    expect((await table()).json()).toEqual({
      device: 'bench',
      environmentHash: null,
      environment: null,
      entryCount: 0,
      entries: [],
      next: null,
      calibration: {
        target: 'steady',
        kind: 'none',
        scale: 1,
        interceptMs: 0,
        memory: null,
        lowFactor: 0.85,
        highFactor: 1.65,
        relativeSpread: null,
        resolution: expect.closeTo(0.8, 9),
        opSpread: 0,
        networks: 0,
      },
      fidelity: null,
      provenance: { sessions: 0, firstSessionAt: null, lastSessionAt: null, version: '' },
    });
  });

  it('holds another table for every environment that the device was measured in', async () => {
    const earlier = { ...ENVIRONMENT, runtimeVersion: '0.9.0' };
    t.commit('bench', {
      ops: { [uniqueKeys[0]!]: 400_000 },
      environment: earlier,
      endedAtMs: 1_700_000_000_000,
    });
    t.commit('bench', { ops: { [uniqueKeys[0]!]: 250_000 } });
    const now = (await table()).json<LatencyTableView>();
    const { environments } = (await t.get('/devices/bench/environments')).json<DeviceEnvironments>();
    expect(environments).toMatchObject([
      { environment: ENVIRONMENT, current: true, sessions: 1, entryCount: 1, hash: now.environmentHash },
      {
        environment: earlier,
        current: false,
        sessions: 1,
        entryCount: 1,
        lastSessionAtMs: 1_700_000_000_000,
      },
    ]);
    const { hash } = environments[1]!;
    for (const name of [hash, hash.slice(0, 12)]) {
      const then = (await table(`&environment=${name}`)).json<LatencyTableView>();
      expect(then).toMatchObject({ environmentHash: hash, environment: earlier, entryCount: 1 });
      expect(then.entries.map(({ latencyMs }) => latencyMs)).toEqual([0.4]);
    }
    expect((await table(`&environment=${hash}&format=csv`)).body).toContain('0.4');
    // An unknown one is refused and named.
    const refused = await table('&environment=0123456789ab');
    expect(refused.statusCode).toBe(404);
    expect(refused.json()).toMatchObject({ code: 'not-found', pointer: '/environment' });
    // Two tables, two tags.
    const tag = (await table()).headers.etag as string;
    expect((await table('', { 'if-none-match': tag })).statusCode).toBe(304);
    expect((await table(`&environment=${hash}`, { 'if-none-match': tag })).statusCode).toBe(200);
  });

  it('holds what a session measured', async () => {
    t.commit('bench', { ops: { [uniqueKeys[0]!]: 250_000 }, endedAtMs: Date.UTC(2026, 0, 2, 3, 4, 5) });
    const view = (await table()).json<LatencyTableView>();
    expect(view.environment).toEqual(ENVIRONMENT);
    expect(view.environmentHash).toMatch(/^[0-9a-f]{64}$/);
    expect(view.entries).toEqual([
      {
        key: uniqueKeys[0],
        latencyMs: 0.25,
        interval: { lowMs: 0.25, highMs: 0.25, level: 0.95 },
        source: 'measured',
        samples: 80,
        measuredAt: '2026-01-02T03:04:05.000Z',
      },
    ]);
    expect(view.provenance).toMatchObject({
      sessions: 1,
      firstSessionAt: '2026-01-02T03:03:05.000Z',
      lastSessionAt: '2026-01-02T03:04:05.000Z',
    });
  });

  it('calibrates on whole networks', async () => {
    t.commit('bench', { ops: allOps, networks: [{ network, latencyNs: 120_000 * keys.length }] });
    const { calibration } = (await table()).json<LatencyTableView>();
    expect(calibration).toMatchObject({ kind: 'scale', networks: 1 });
    expect(calibration.scale).toBeCloseTo(1.2, 6);
  });

  it('filters and pages by key', async () => {
    t.commit('bench', { ops: allOps });
    const pool = uniqueKeys.filter((key) => key.startsWith('globalAvgPool:'));
    const kind = (await table('&kind=globalAvgPool')).json<LatencyTableView>();
    expect(kind.entries.map(({ key }) => key)).toEqual(pool);
    expect(kind.entryCount).toBe(uniqueKeys.length);
    const prefix = encodeURIComponent(pool[0]!.slice(0, 16));
    expect((await table(`&keyPrefix=${prefix}`)).json<LatencyTableView>().entries).toHaveLength(pool.length);
    const seen: string[] = [];
    for (let next: string | null = ''; next !== null; ) {
      const after = next === '' ? '' : `&after=${encodeURIComponent(next)}`;
      const page: LatencyTableView = (await table(`&limit=3${after}`)).json<LatencyTableView>();
      seen.push(...page.entries.map(({ key }) => key));
      next = page.next;
    }
    expect(seen).toEqual(uniqueKeys);
  });

  it('says the same as NDJSON and CSV', async () => {
    t.commit('bench', { ops: allOps });
    const { entries } = (await table()).json<LatencyTableView>();
    const ndjson = await table('', { accept: 'application/x-ndjson' });
    expect(ndjson.headers['content-type']).toContain('application/x-ndjson');
    expect(
      ndjson.body
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(entries);
    const csv = await table('', { accept: 'text/csv' });
    const rows = csv.body.trimEnd().split('\n');
    expect(rows[0]).toBe('key,latency_ms,low_ms,high_ms,source,samples,measured_at');
    expect(rows[1]).toBe(`"${entries[0]!.key}",0.1,0.1,0.1,measured,80,2025-06-15T15:07:40.000Z`);
    expect(rows).toHaveLength(entries.length + 1);
    expect((await table('&format=csv&limit=2')).body.trimEnd().split('\n')).toHaveLength(3);
  });

  it('answers 304 until the table changes', async () => {
    t.commit('bench', { ops: { [uniqueKeys[0]!]: 250_000 } });
    const etag = String((await table()).headers.etag);
    const again = await table('', { 'if-none-match': etag });
    expect(again.statusCode).toBe(304);
    expect(again.body).toBe('');
    expect((await table('', { 'if-none-match': `"other", W/${etag}` })).statusCode).toBe(304);
    expect((await table('&format=csv', { 'if-none-match': etag })).statusCode).toBe(200);
    expect((await table('&limit=1', { 'if-none-match': etag })).statusCode).toBe(200);
    t.commit('bench', { ops: { [uniqueKeys[1]!]: 1_000 } });
    expect((await table('', { 'if-none-match': etag })).statusCode).toBe(200);
  });
});

describe('POST /estimate', () => {
  it('is null, never 0, while nothing is known', async () => {
    const [view] = await estimate({});
    expect(view).toMatchObject({ latencyMs: null, interval: null, partialMs: null, coverage: 0 });
    expect([...view!.missing].sort()).toEqual(uniqueKeys);
    expect(view!.ops?.every(({ latencyMs, share }) => latencyMs === null && share === null)).toBe(true);
  });

  it('marks a partial sum as one', async () => {
    const [known, ...unknown] = uniqueKeys;
    t.commit('bench', { ops: { [known!]: 100_000 } });
    const [view] = await estimate({});
    const occurrences = keys.filter((key) => key === known).length;
    expect(view).toMatchObject({ latencyMs: null, interval: null, coverage: occurrences / keys.length });
    expect(view!.partialMs).toBeCloseTo(0.1 * occurrences, 9);
    expect([...view!.missing].sort()).toEqual(unknown);
  });

  it('sums the ops, calibrated, with an interval', async () => {
    t.commit('bench', { ops: allOps, networks: [{ network, latencyNs: 120_000 * keys.length }] });
    const [view] = await estimate({});
    expect(view).toMatchObject({ device: 'bench', candidate: 0, coverage: 1, missing: [] });
    expect(view!.latencyMs).toBeCloseTo(0.12 * keys.length, 6);
    expect(view!.interval!.lowMs).toBeLessThan(view!.latencyMs!);
    expect(view!.interval!.highMs).toBeGreaterThan(view!.latencyMs!);
    expect(view!.ops!.reduce((sum, { share }) => sum + share!, 0)).toBeCloseTo(1, 9);
    expect(view!.ops!.reduce((sum, { count }) => sum + count, 0)).toBe(keys.length);
  });

  it('answers every pair of device and candidate, in order', async () => {
    await t.send('POST', '/devices', { name: 'other', runtime: 'fake' });
    t.commit('bench', { ops: allOps });
    const views = await estimate({
      devices: ['bench', 'other'],
      candidates: [candidate, { network: { ...network, name: 'mine' } }],
      ops: false,
    });
    expect(
      views.map(({ device, candidate: index, name, coverage }) => [device, index, name, coverage]),
    ).toEqual([
      ['bench', 0, network.name, 1],
      ['bench', 1, 'mine', 1],
      ['other', 0, network.name, 0],
      ['other', 1, 'mine', 0],
    ]);
    expect(views.every((view) => view.ops === undefined)).toBe(true);
  });

  it('sees what was measured since', async () => {
    expect((await estimate({}))[0]!.coverage).toBe(0);
    t.commit('bench', { ops: allOps });
    expect((await estimate({}))[0]!.coverage).toBe(1);
  });

  it('is satisfied in strict mode when all is known, and names what lacks otherwise', async () => {
    const { [uniqueKeys[0]!]: _left, ...rest } = allOps;
    t.commit('bench', { ops: rest });
    const body = { devices: ['bench'], candidates: [candidate], strict: true };
    const refused = await t.send('POST', '/estimate', body);
    expect(refused.json()).toMatchObject({ code: 'missing-ops', details: { missing: [uniqueKeys[0]] } });
    t.commit('bench', { ops: allOps });
    expect((await t.send('POST', '/estimate', body)).statusCode).toBe(200);
  });

  it('takes a thousand candidates at once', async () => {
    t.commit('bench', { ops: allOps });
    const candidates = Array.from({ length: 1000 }, () => candidate);
    expect(await estimate({ candidates, ops: false })).toHaveLength(1000);
  });

  it('changes nothing', async () => {
    const before = t.rowCounts();
    await estimate({});
    expect(t.rowCounts()).toEqual(before);
  });
});
