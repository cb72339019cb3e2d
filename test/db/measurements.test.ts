import { beforeEach, describe, expect, it } from 'vitest';
import type { SessionReport } from '../../contracts/measurement.js';
import { summarizeSubject } from '../../core/measurement/summarize-subject.js';
import { contentHash } from '../../core/network/content-hash.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { type Database, openDatabase } from '../../db/open-database.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { LatencyTableRepository } from '../../db/repositories/latency-table.js';
import { MeasurementRepository } from '../../db/repositories/measurements.js';
import { constantProbe, MOVED, QUIET, type SessionPlan, sessionReport, UNPINNED } from './session-report.js';

const DENSE = 'dense:64>10:f32';
const POOL = 'globalAvgPool:7x7x64:f32';
const NETWORK = buildZooNetwork('mobilenet-v3-tiny', {});

describe('measurements', () => {
  let db: Database;
  let devices: DeviceRepository;
  let measurements: MeasurementRepository;
  let tables: LatencyTableRepository;

  beforeEach(() => {
    db = openDatabase(':memory:');
    devices = new DeviceRepository(db);
    measurements = new MeasurementRepository(db);
    tables = new LatencyTableRepository(db);
    devices.register({ name: 'local', runtime: 'fake', options: { threads: 1 } });
    return () => db.close();
  });

  const commitReport = (report: SessionReport, askedOps?: readonly string[]) =>
    measurements.commitSession({
      deviceName: 'local',
      jobId: null,
      report,
      ...(askedOps === undefined ? {} : { askedOps }),
    });
  const commit = (plan: SessionPlan, askedOps?: readonly string[]) =>
    commitReport(sessionReport(plan), askedOps);
  const environmentId = () => devices.get('local').environmentId!;
  const entryNs = (key: string) => tables.lookup(environmentId(), [key]).get(key)?.latencyNs;

  it('answer with networks, ops and what the table knew already', () => {
    commit({ ops: { [POOL]: 2_000 } });
    const hash = contentHash(NETWORK);
    const result = commit({ networks: [{ network: NETWORK, latencyNs: 450_000 }], ops: { [DENSE]: 4_000 } }, [
      DENSE,
      POOL,
      POOL,
    ]);
    const interval = (ms: number) => ({ lowMs: ms, highMs: ms, level: 0.95 });
    expect(result).toEqual({
      kind: 'measure',
      target: 'steady',
      sessionId: 2,
      anchorFactor: 1,
      opFactor: 1,
      latencyMs: 0.45,
      interval: interval(0.45),
      verdict: 'trusted',
      networks: [
        {
          networkHash: hash,
          latencyMs: 0.45,
          interval: interval(0.45),
          verdict: 'trusted',
          reasons: [],
          precision: 0,
          openMs: 2,
          firstMs: 4.05,
          typicalMs: 0.45,
          failure: null,
        },
      ],
      ops: [
        {
          key: DENSE,
          latencyMs: 0.004,
          interval: interval(0.004),
          verdict: 'trusted',
          reasons: [],
          precision: 0,
          failure: null,
          source: 'measured',
        },
        {
          key: POOL,
          latencyMs: 0.002,
          interval: interval(0.002),
          verdict: 'trusted',
          failure: null,
          source: 'table',
        },
      ],
    });
  });

  it('give the device the environment that the session was measured in', () => {
    const environment = { ...sessionReport({}).environment, pinned: false };
    commit({ environment });
    expect(devices.get('local').environment).toEqual(environment);
  });

  it('keep raw samples, from which every figure can be computed again', () => {
    const report = sessionReport({ ops: { [DENSE]: 4_000 } });
    report.probes.push({
      ...constantProbe('base:1x1x64', 1_000),
      visitsNs: [[1_000.5, 1_200], [990], [1_100, 1_010, 1_050]],
      visitWaitShare: [0, null, 0.4],
    });
    report.terms[1]!.terms.push({ graphId: 'base:1x1x64', coefficient: -0.5 });
    commitReport(report);
    const session = measurements.session(1);
    expect(session).toMatchObject({
      device: 'local',
      verdict: 'trusted',
      anchorFactor: 1,
      plan: report.plan,
      observations: QUIET,
      startedAtMs: report.startedAtMs,
      endedAtMs: report.endedAtMs,
    });
    expect(session.probes).toEqual(report.probes.toSorted((a, b) => (a.graphId < b.graphId ? -1 : 1)));
    const probes = new Map(session.probes.map((probe) => [probe.graphId, probe]));
    for (const { latencyNs, lowNs, highNs, terms } of session.measurements) {
      const again = summarizeSubject(terms, probes);
      expect(latencyNs).toBe(Math.round(again.latencyNs));
      expect(lowNs).toBe(Math.floor(again.lowNs));
      expect(highNs).toBe(Math.ceil(again.highNs));
    }
    // Median of the visit minima 1000.5, 990, 1010, halved, off 4000.
    expect(session.measurements[1]!.latencyNs).toBe(3_500);
    expect(() => measurements.session(99)).toThrow(expect.objectContaining({ code: 'not-found' }));
  });

  it('bring later sessions to the level of the first anchor, of whose first 15 % ops take half', () => {
    commit({ anchorNs: 300_000, ops: { [DENSE]: 4_000 } });
    const result = commit({ anchorNs: 360_000, ops: { [POOL]: 2_400 } });
    expect(result.anchorFactor).toBeCloseTo(1.2, 12);
    const opFactor = 1.2 / Math.sqrt(1.15);
    expect(result.opFactor).toBeCloseTo(opFactor, 12);
    expect(result.ops[0]!.latencyMs).toBeCloseTo(0.0024 / opFactor, 12);
    expect(entryNs(POOL)).toBe(Math.round(2_400 / opFactor));
    expect(measurements.measurementsOfOp(environmentId(), POOL)[0]!.latencyNs).toBe(2_400);
    expect(tables.baselineNs(environmentId())).toBe(300_000);
  });

  it('are stored but not counted when the session is rejected', () => {
    commit({ ops: { [DENSE]: 4_000 } });
    const result = commit({ ops: { [DENSE]: 9_000, [POOL]: 5_000 }, observations: MOVED });
    expect(result.verdict).toBe('rejected');
    expect(result.ops.map(({ verdict }) => verdict)).toEqual(['rejected', 'rejected']);
    expect(entryNs(DENSE)).toBe(4_000);
    expect(entryNs(POOL)).toBeUndefined();
    expect(measurements.measurementsOfOp(environmentId(), DENSE).map(({ latencyNs }) => latencyNs)).toEqual([
      9_000, 4_000,
    ]);
    expect(measurements.measurementsOfOp(environmentId(), POOL)[0]!.reasons).toEqual([
      'affinity: asked for core 0, allowed 1 at times',
    ]);
  });

  it('do not set the anchor baseline when rejected', () => {
    commit({ anchorNs: 999_000, observations: MOVED });
    expect(tables.baselineNs(environmentId())).toBeNull();
    commit({ anchorNs: 300_000 });
    expect(tables.baselineNs(environmentId())).toBe(300_000);
  });

  it('prefer a trusted figure to a usable one, and a later to an earlier', () => {
    commit({ ops: { [DENSE]: 5_000 }, observations: UNPINNED });
    expect(entryNs(DENSE)).toBe(5_000);
    commit({ ops: { [DENSE]: 5_100 }, observations: UNPINNED });
    expect(entryNs(DENSE)).toBe(5_100);
    commit({ ops: { [DENSE]: 4_000 } });
    expect(entryNs(DENSE)).toBe(4_000);
    commit({ ops: { [DENSE]: 5_200 }, observations: UNPINNED });
    expect(entryNs(DENSE)).toBe(4_000);
    commit({ ops: { [DENSE]: 4_050 } });
    expect(entryNs(DENSE)).toBe(4_050);
  });

  it('keep a failure in place of a latency, and the table as it was', () => {
    commit({ ops: { [DENSE]: 4_000 } });
    const failure = { subjectId: `op:${DENSE}`, kind: 'timeout' as const, message: 'no news for 20 s' };
    const result = commit({ ops: { [DENSE]: 1 }, failures: [failure] });
    expect(result.ops).toEqual([
      {
        key: DENSE,
        latencyMs: null,
        interval: null,
        verdict: null,
        source: 'measured',
        failure: { kind: 'timeout', message: 'no news for 20 s' },
      },
    ]);
    expect(entryNs(DENSE)).toBe(4_000);
    expect(measurements.measurementsOfOp(environmentId(), DENSE)[0]).toMatchObject({
      latencyNs: null,
      failure: { kind: 'timeout', message: 'no news for 20 s' },
    });
  });

  it.each([
    ['zero', 0, 'not above zero'],
    ['negative', -5_000, 'not above zero'],
    ['not a number', Number.NaN, 'a duration of NaN ns'],
    ['infinite', Number.POSITIVE_INFINITY, 'a duration of Infinity ns'],
  ])('count a duration that is %s as nonsense', (_name, latencyNs, message) => {
    const result = commit({ ops: { [DENSE]: latencyNs, [POOL]: 2_000 } });
    expect(result.ops[0]!.failure).toEqual({ kind: 'nonsense', message: expect.stringContaining(message) });
    expect(result.ops[1]!.latencyMs).toBe(0.002);
    expect(entryNs(DENSE)).toBeUndefined();
    const stored = measurements.session(1).probes.find(({ graphId }) => graphId === `op:${DENSE}`)!;
    expect(stored.visitsNs[0]![0]).toBe(latencyNs);
  });

  it('count a single impossible sample as nonsense', () => {
    const report = sessionReport({ ops: { [DENSE]: 4_000 } });
    report.probes[1]!.visitsNs[3]![2] = 0;
    expect(commitReport(report).ops[0]!.failure?.kind).toBe('nonsense');
  });

  it('count a difference of graphs that comes out at or below zero as nonsense', () => {
    const report = sessionReport({ ops: { [DENSE]: 4_000 } });
    report.terms[1]!.terms.push({ graphId: report.probes[0]!.graphId, coefficient: -0.5 });
    expect(commitReport(report).ops[0]!.failure?.kind).toBe('nonsense');
  });

  it('take an op that its graphs cannot be told apart by for as short as its arithmetic allows', () => {
    // 8 · 8 · 32 · 32 MACs at 1,000 a nanosecond take 65.5 ns.
    const key = 'conv2d:8x8x32>32:k1x1:s1x1:f32';
    const report = sessionReport({ anchorNs: 100_000, ops: { [key]: 99_990 } });
    report.terms[1]!.terms.push({ graphId: report.probes[0]!.graphId, coefficient: -1 });
    const [op] = commitReport(report).ops;
    expect(op!.failure).toBeNull();
    expect(op!.latencyMs).toBe(66e-6);
  });

  it('count more arithmetic than any core can do as nonsense', () => {
    // 56 · 56 · 128 · 64 MACs at 1,000 a nanosecond would take 25.7 µs.
    const key = 'conv2d:56x56x128>64:k1x1:s1x1:f32';
    expect(commit({ ops: { [key]: 4_000 } }).ops[0]!.failure).toEqual({
      kind: 'nonsense',
      message: '25690112 MACs in 4000 ns: faster than the arithmetic peak (25690.1 ns)',
    });
  });

  it('count a subject that the session says nothing of as nonsense', () => {
    const report = sessionReport({ ops: { [DENSE]: 4_000, [POOL]: 2_000 } });
    const withoutTerms = {
      ...report,
      terms: report.terms.filter(({ subjectId }) => subjectId !== `op:${DENSE}`),
    };
    const withoutProbe = {
      ...withoutTerms,
      probes: report.probes.filter(({ graphId }) => graphId !== `op:${POOL}`),
    };
    expect(commitReport(withoutProbe).ops.map(({ failure }) => failure)).toEqual([
      { kind: 'nonsense', message: 'the session says nothing of it' },
      { kind: 'nonsense', message: `no samples of graph op:${POOL}` },
    ]);
  });

  it('reject a session whose anchor has no samples, instead of failing', () => {
    const report = sessionReport({ ops: { [DENSE]: 4_000 } });
    const result = commitReport({ ...report, probes: report.probes.slice(1) });
    expect(result.verdict).toBe('rejected');
    expect(entryNs(DENSE)).toBeUndefined();
  });

  it('list whole networks at the level of the anchor, rejected ones left out', () => {
    const networks = (latencyNs: number) => [{ network: NETWORK, latencyNs }];
    commit({ networks: networks(400_000), endedAtMs: 1_000 });
    commit({ networks: networks(600_000), endedAtMs: 2_000, observations: MOVED });
    commit({ networks: networks(480_000), endedAtMs: 3_000, anchorNs: 360_000 });
    expect(
      measurements.networkMeasurements(environmentId()).map(({ networkHash, latencyNs, measuredAtMs }) => ({
        networkHash,
        latencyNs,
        measuredAtMs,
      })),
    ).toEqual([
      { networkHash: contentHash(NETWORK), latencyNs: 400_000, measuredAtMs: 1_000 },
      { networkHash: contentHash(NETWORK), latencyNs: 400_000, measuredAtMs: 3_000 },
    ]);
  });

  it('leave nothing when the commit fails half-way', () => {
    const report = sessionReport({ ops: { [DENSE]: 4_000 } });
    const twice = { ...report, probes: [...report.probes, report.probes[0]!] };
    expect(() => commitReport(twice)).toThrow('UNIQUE constraint failed');
    for (const table of ['session', 'probe', 'measurement', 'latency_entry', 'environment']) {
      expect(db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()).toBe(0);
    }
  });

  it.each(['session', 'probe', 'measurement', 'measurement_term'])('never change: %s', (table) => {
    commit({ ops: { [DENSE]: 4_000 } });
    const column = table === 'session' ? 'plan' : table === 'probe' ? 'visits' : 'rowid';
    const set = table === 'measurement_term' ? 'coefficient = 2' : `${column} = ${column}`;
    const appendOnly = `${table} is append-only`;
    expect(() => db.exec(`UPDATE ${table} SET ${set}`)).toThrow(appendOnly);
    expect(() => db.exec(`DELETE FROM ${table}`)).toThrow(appendOnly);
    expect(() => db.exec(`INSERT OR REPLACE INTO ${table} SELECT * FROM ${table}`)).toThrow(appendOnly);
  });

  it('are a latency or a failure, never both, never neither', () => {
    commit({ ops: { [DENSE]: 4_000 } });
    const insert = (latency: string, failure: string) =>
      db.exec(`INSERT INTO measurement (session_id, environment_id, subject_kind, op_id, latency_ns, low_ns, high_ns,
        sample_count, visits, verdict, reasons, failure_kind, failure_message)
        VALUES (1, 1, 'op', 1, ${latency}, ${latency}, ${latency}, 1, 1, 'trusted', '[]', ${failure}, ${failure})`);
    expect(() => insert('5', `'timeout'`)).toThrow('CHECK constraint failed');
    expect(() => insert('NULL', 'NULL')).toThrow('CHECK constraint failed');
    expect(() => insert('0', 'NULL')).toThrow('CHECK constraint failed');
    insert('5', 'NULL');
    insert('NULL', `'timeout'`);
  });
});
