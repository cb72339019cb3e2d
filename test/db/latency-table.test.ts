import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../../db/open-database.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { type EntryFilter, latencyPage } from '../../db/repositories/latency-page.js';
import { DERIVE_ENTRY, LOOKUP, VERSION } from '../../db/repositories/latency-statements.js';
import { LatencyTableRepository } from '../../db/repositories/latency-table.js';
import { MeasurementRepository } from '../../db/repositories/measurements.js';
import { MOVED, QUIET, type SessionPlan, sessionReport, UNPINNED } from './session-report.js';

const KEYS = [
  'activation:7x7x64:relu:f32',
  'dense:64>10:f32',
  'dense:64>12:f32',
  'globalAvgPool:7x7x64:f32',
] as const;

function openTables() {
  const db = openDatabase(':memory:');
  const devices = new DeviceRepository(db);
  devices.register({ name: 'local', runtime: 'fake', options: { threads: 1 } });
  const environmentId = devices.setEnvironment('local', sessionReport({}).environment).id;
  const measurements = new MeasurementRepository(db);
  const commit = (plan: SessionPlan) =>
    measurements.commitSession({ deviceName: 'local', jobId: null, report: sessionReport(plan) });
  return { db, devices, environmentId, measurements, commit, tables: new LatencyTableRepository(db) };
}

describe('latency table', () => {
  let opened: ReturnType<typeof openTables>;
  const keysOf = (filter: Omit<EntryFilter, 'limit'>, limit = 10) =>
    opened.tables.entries(opened.environmentId, { ...filter, limit }).map(({ key }) => key);

  beforeEach(() => {
    opened = openTables();
    opened.commit({ ops: { [KEYS[1]]: 4_000, [KEYS[3]]: 2_500, [KEYS[0]]: 900, [KEYS[2]]: 4_100 } });
    return () => opened.db.close();
  });

  it('shows entries by key', () => {
    expect(opened.tables.entries(opened.environmentId, { limit: 1, keys: [KEYS[1]] })).toEqual([
      {
        key: 'dense:64>10:f32',
        latencyNs: 4_000,
        lowNs: 4_000,
        highNs: 4_000,
        source: 'measured',
        samples: 80,
        measuredAtMs: 1_750_000_060_000,
      },
    ]);
    expect(keysOf({})).toEqual(KEYS);
    expect(opened.tables.count(opened.environmentId)).toBe(4);
  });

  it('filters by kind, prefix and keys, page by page', () => {
    expect(keysOf({ kind: 'dense' })).toEqual([KEYS[1], KEYS[2]]);
    expect(keysOf({ kind: 'den' })).toEqual([]);
    expect(keysOf({ keyPrefix: 'dense:64>1' })).toEqual([KEYS[1], KEYS[2]]);
    expect(keysOf({ keyPrefix: 'dense:64>10' })).toEqual([KEYS[1]]);
    expect(keysOf({ keys: [KEYS[3], 'absent', KEYS[0]] })).toEqual([KEYS[0], KEYS[3]]);
    expect(keysOf({}, 2)).toEqual([KEYS[0], KEYS[1]]);
    expect(keysOf({ afterKey: KEYS[1] }, 2)).toEqual([KEYS[2], KEYS[3]]);
    expect(keysOf({ kind: 'dense', afterKey: KEYS[1] })).toEqual([KEYS[2]]);
    expect(opened.tables.entries(opened.environmentId + 1, { limit: 10 })).toEqual([]);
  });

  it('builds the JSON of the API', () => {
    const json = opened.tables.asJson(opened.environmentId, { limit: 10, keys: [KEYS[3]] });
    expect(JSON.parse(json)).toEqual([
      {
        key: 'globalAvgPool:7x7x64:f32',
        latencyMs: 0.0025,
        interval: { lowMs: 0.0025, highMs: 0.0025, level: 0.95 },
        source: 'measured',
        samples: 80,
        measuredAt: '2025-06-15T15:07:40.000Z',
      },
    ]);
    expect(opened.tables.asJson(opened.environmentId, { limit: 10, keys: [] })).toBe('[]');
    const all = JSON.parse(opened.tables.asJson(opened.environmentId, { limit: 10 })) as { key: string }[];
    expect(all.map(({ key }) => key)).toEqual(KEYS);
  });

  it('looks up what it knows and names what it lacks', () => {
    const asked = [KEYS[2], 'dense:1>1:f32', KEYS[0], KEYS[2]];
    const known = opened.tables.lookup(opened.environmentId, asked);
    expect([...known].map(([key, { latencyNs }]) => [key, latencyNs])).toEqual([
      [KEYS[2], 4_100],
      [KEYS[0], 900],
    ]);
    expect(opened.tables.missing(opened.environmentId, asked)).toEqual(['dense:1>1:f32']);
    expect(opened.tables.missing(opened.environmentId + 1, asked)).toEqual([
      KEYS[2],
      'dense:1>1:f32',
      KEYS[0],
    ]);
  });

  it('changes its version with every session of its environment, and only with those', () => {
    const { tables, environmentId, commit, devices } = opened;
    const version = tables.version(environmentId);
    const other = { ...sessionReport({}).environment, threads: 2 };
    commit({ ops: { [KEYS[1]]: 9 }, environment: other });
    expect(tables.version(environmentId)).toBe(version);
    expect(tables.version(devices.get('local').environmentId!)).not.toBe(version);
    commit({});
    expect(tables.version(environmentId)).not.toBe(version);
    expect(tables.version(999)).toBe('');
  });

  it.each([
    ['a lookup', LOOKUP],
    ['a version', VERSION],
    ['a refreshed entry', DERIVE_ENTRY],
    ['the first page', latencyPage(1, { limit: 10 }).rows],
    ['a filtered page', latencyPage(1, { limit: 10, kind: 'dense', afterKey: 'x' }).rows],
    ['a page of keys', latencyPage(1, { limit: 10, keys: [] }).rows],
  ])('reads its rows from an index, without a sort of the table: %s', (_name, sql) => {
    const named = /:\w/.test(sql);
    const plan = opened.db
      .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...(named ? [latencyPage(1, { limit: 1, kind: 'a', afterKey: 'b' }).parameters] : bound(sql)))
      .map(({ detail }) => detail);
    const tables = /\b(op|latency_entry|measurement|session)\b/;
    const scans = plan.filter((step) => step.startsWith('SCAN') && tables.test(step));
    // Walking the keys in order is the one scan there may be: of the index, and only as far as the page goes.
    expect(scans.filter((step) => step !== 'SCAN op USING COVERING INDEX sqlite_autoindex_op_1')).toEqual([]);
    expect(
      plan.filter((step) => step.includes('TEMP B-TREE FOR ORDER BY') && !sql.includes('INSERT')),
    ).toEqual([]);
    expect(plan.some((step) => step.startsWith('SEARCH'))).toBe(true);
  });

  it('finds the entries of an estimate by primary key', () => {
    const plan = opened.db
      .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${LOOKUP}`)
      .all('[]', 1)
      .map(({ detail }) => detail);
    expect(plan).toEqual([
      'SCAN asked VIRTUAL TABLE INDEX 1:',
      'SEARCH op USING COVERING INDEX sqlite_autoindex_op_1 (key=?) LEFT-JOIN',
      'SEARCH latency_entry USING PRIMARY KEY (environment_id=? AND op_id=?) LEFT-JOIN',
    ]);
  });
});

const bound = (sql: string) => Array<string>(sql.split('?').length - 1).fill('1');

/** A session in a few words, for the property below. */
const session = fc.record({
  anchorNs: fc.option(fc.integer({ min: 250_000, max: 380_000 })),
  observations: fc.constantFrom(QUIET, UNPINNED, MOVED),
  threads: fc.constantFrom(1, 2),
  ops: fc.dictionary(fc.constantFrom(...KEYS), fc.integer({ min: 0, max: 50_000 }), {
    noNullPrototype: true,
  }),
  failed: fc.option(fc.constantFrom(...KEYS)),
});

describe('latency table, for any series of sessions', () => {
  const rowsOf = (db: Database, table: string) => db.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all();

  it('is what recomputing it from the measurements gives, by SQL and by hand', () => {
    fc.assert(
      fc.property(fc.array(session, { maxLength: 8 }), (sessions) => {
        const { db, devices, commit, tables, environmentId } = openTables();
        for (const { threads, failed, ...plan } of sessions) {
          commit({
            ...plan,
            environment: { ...sessionReport({}).environment, threads },
            failures:
              failed === null || !(failed in plan.ops)
                ? []
                : [{ subjectId: `op:${failed}`, kind: 'crashed', message: 'SIGSEGV' }],
          });
        }
        const environments = new Set([environmentId, devices.get('local').environmentId!]);
        const entries = rowsOf(db, 'latency_entry');
        const baselines = rowsOf(db, 'anchor_baseline');
        expect(entries).toEqual(byHand(db));
        for (const id of environments) tables.rebuildLatencyEntries(id);
        expect(rowsOf(db, 'latency_entry')).toEqual(entries);
        expect(rowsOf(db, 'anchor_baseline')).toEqual(baselines);
        db.close();
      }),
      { numRuns: 60 },
    );
  });
});

interface Measured {
  id: number;
  environment_id: number;
  op_id: number;
  latency_ns: number;
  low_ns: number;
  high_ns: number;
  sample_count: number;
  verdict: string;
  op_factor: number;
  ended_at_ms: number;
}

/** The table as a plain loop over all measurements makes it. */
function byHand(db: Database): unknown[] {
  const measured = db
    .prepare<[], Measured>(
      `SELECT measurement.*, op_factor, ended_at_ms FROM measurement JOIN session ON session.id = session_id
       ORDER BY measurement.id`,
    )
    .all();
  const best = new Map<string, Measured>();
  for (const one of measured) {
    if (one.op_id === null || one.latency_ns === null || one.verdict === 'rejected') continue;
    const place = `${one.environment_id} ${one.op_id}`;
    const held = best.get(place);
    if (held === undefined || one.verdict === 'trusted' || held.verdict === 'usable') best.set(place, one);
  }
  return [...best.values()]
    .sort((a, b) => a.environment_id - b.environment_id || a.op_id - b.op_id)
    .map(({ id, environment_id, op_id, latency_ns, low_ns, high_ns, op_factor, ...one }) => ({
      environment_id,
      op_id,
      latency_ns: Math.max(1, Math.round(latency_ns / op_factor)),
      low_ns: Math.round(low_ns / op_factor),
      high_ns: Math.round(high_ns / op_factor),
      sample_count: one.sample_count,
      measured_at_ms: one.ended_at_ms,
      measurement_id: id,
    }));
}
