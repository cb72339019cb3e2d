import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { JobProgress } from '../../contracts/job.js';
import { DEFAULT_PROTOCOL, type MeasurementPlan, type Subject } from '../../contracts/measurement.js';
import { summarizeSubject } from '../../core/measurement/summarize-subject.js';
import { contentHash } from '../../core/network/content-hash.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import type { FakeRule } from '../../runtimes/fake/fake-options.js';
import { allowedCores } from '../../services/serve/allowed-cores.js';
import { canPin } from '../../services/worker/bound-command.js';
import { formatCores } from '../../services/worker/format-cores.js';
import { temporaryDirectory } from '../db/temporary-directory.js';

// From dist/: the supervisor starts its child beside itself.
const { superviseSession } = (await import(
  new URL('../../dist/services/worker/measure/supervise-session.js', import.meta.url).href
)) as typeof import('../../services/worker/measure/supervise-session.js');

const GOOD = 'dense:64>32:relu:f32';
const BAD = 'dense:64>48:relu:f32';
const network = buildZooNetwork('mobilenet-v3-tiny', {});
const op = (key: string): Subject => ({ kind: 'op', id: key, key });

function plan(
  rules: readonly FakeRule[],
  subjects: readonly Subject[] = [op(GOOD), op(BAD)],
): MeasurementPlan {
  const hangs = rules.some(({ behaviour }) => behaviour === 'hang');
  return {
    runtime: 'fake',
    threads: 1,
    seed: 1,
    subjects: [...subjects],
    protocol: { ...DEFAULT_PROTOCOL, subjectTimeoutMs: hangs ? 4_000 : 20_000 },
    runtimeOptions: { opFixedNs: 1_000, macsPerNs: 10, channelStep: 16, noise: 0, rules },
  };
}

const supervise = (measurement: MeasurementPlan, signal = new AbortController().signal) =>
  superviseSession(measurement, { cores: null, signal });

describe('a session in a real child', () => {
  test('yields raw samples that sum up to the device’s formula', async () => {
    const report = await supervise(plan([]));
    expect(report.failures).toEqual([]);
    const probes = new Map(report.probes.map((probe) => [probe.graphId, probe]));
    const terms = report.terms.find(({ subjectId }) => subjectId === GOOD)!.terms;
    const summary = summarizeSubject(terms, probes);
    // 1,000 fixed + 64·32 / 10 MACs + 32 / 8 elements, rounded.
    expect(summary.latencyNs).toBe(1_209);
    expect(summary.visits).toBeGreaterThanOrEqual(DEFAULT_PROTOCOL.minVisits);
  });

  test('tells what its network comes to so far, with an interval, round by round', async () => {
    const told: JobProgress[] = [];
    const networkHash = contentHash(network);
    const subject: Subject = { kind: 'network', id: 'whole', networkHash, network };
    const signal = new AbortController().signal;
    await superviseSession(plan([], [op(GOOD), subject]), {
      cores: null,
      signal,
      onProgress: (progress) => told.push(progress),
    });
    const figures = told.flatMap(({ latencyMs, interval }) =>
      latencyMs === undefined ? [] : [{ latencyMs, interval }],
    );
    expect(figures.length).toBeGreaterThanOrEqual(DEFAULT_PROTOCOL.minVisits);
    // Exact from the first visit on: the device has no noise.
    const [first] = figures;
    expect(first!.latencyMs).toBeGreaterThan(0);
    const exact = { lowMs: first!.latencyMs, highMs: first!.latencyMs, level: 0.95 };
    for (const { latencyMs, interval } of figures) {
      expect(latencyMs).toBe(first!.latencyMs);
      expect(interval).toEqual(exact);
    }
  });

  test('opening, first run and steady state are told apart, with the way there', async () => {
    const report = await supervise(
      plan([{ match: `op:${GOOD}`, behaviour: 'slow', untilRun: 1, slowdown: 50 }]),
    );
    const probe = report.probes.find(({ graphId }) => graphId === `op:${GOOD}`)!;
    expect(probe.firstNs).toBe(60_450);
    expect(probe.openNs).toBeGreaterThan(0);
    expect(probe.openings).toMatchObject([{ firstNs: 60_450, steady: true, visits: probe.visitsNs.length }]);
    expect(probe.openings![0]!.warmUpRuns).toBeGreaterThanOrEqual(5);
    expect(new Set(probe.visitsNs.flat())).toEqual(new Set([1_209]));
  });

  test('a clock with a step of 100 µs yields no zeros: runs are put in rows', async () => {
    const coarse = plan([]);
    const report = await supervise({
      ...coarse,
      runtimeOptions: { ...coarse.runtimeOptions, clockStepNs: 100_000 },
    });
    expect(report.failures).toEqual([]);
    const [process] = report.observations.processes as { clock: { stepNs: number } }[];
    expect(process!.clock.stepNs).toBe(100_000);
    const probe = report.probes.find(({ graphId }) => graphId === `op:${GOOD}`)!;
    // 50 steps of the clock at least, so within 2 % of 1,209 ns; the first run fits into one step.
    expect(probe.openings![0]!.runsPerSample).toBeGreaterThanOrEqual(4_000);
    expect(probe.firstNs).toBe(100_000);
    for (const sampleNs of probe.visitsNs.flat()) {
      expect(sampleNs).toBeGreaterThan(0.98 * 1_209);
      expect(sampleNs).toBeLessThan(1.02 * 1_209);
    }
  });

  test('a runtime that shows zeros on a coarse clock, however many runs are in a row, is nonsense', async () => {
    const coarse = plan([{ match: `op:${BAD}`, behaviour: 'zero' }]);
    const report = await supervise({
      ...coarse,
      runtimeOptions: { ...coarse.runtimeOptions, clockStepNs: 100_000 },
    });
    expect(report.failures).toMatchObject([{ subjectId: BAD, kind: 'nonsense' }]);
  });

  test('several processes are fresh ones, and every sample knows its own', async () => {
    const measurement = plan([]);
    const report = await supervise({
      ...measurement,
      protocol: { ...measurement.protocol, processes: 3, minVisits: 4 },
    });
    expect(report.observations.children).toBe(3);
    expect(report.observations.processes).toHaveLength(3);
    for (const probe of report.probes) {
      expect(probe.openings).toHaveLength(3);
      const visits = probe.openings!.reduce((sum, opening) => sum + opening.visits, 0);
      expect(visits).toBe(probe.visitsNs.length);
      expect(probe.causes).toHaveLength(visits);
      expect(probe.visitWaitShare).toHaveLength(visits);
    }
  });

  test('visits that are spread over time take that long', async () => {
    const measurement = plan([]);
    const startMs = performance.now();
    const report = await supervise({
      ...measurement,
      protocol: { ...measurement.protocol, minVisits: 4, spreadMs: 1_000 },
    });
    expect(performance.now() - startMs).toBeGreaterThan(750);
    const starts = report.probes[0]!.causes!.map(({ startMs: atMs }) => atMs);
    expect(starts.at(-1)! - starts[0]!).toBeGreaterThan(700);
  });

  test('a budget ends the visits with what there is', async () => {
    const noisy = plan([]);
    const report = await supervise({
      ...noisy,
      protocol: { ...noisy.protocol, maxVisits: 1_000, targetRelativeInterval: 1e-9, budgetMs: 1 },
      runtimeOptions: { ...noisy.runtimeOptions, noise: 0.5, opFixedNs: 2e6, spend: true },
    });
    expect(report.failures).toEqual([]);
    expect(report.observations.processes).toMatchObject([{ stoppedBy: 'budget' }]);
    for (const { visitsNs } of report.probes) expect(visitsNs.length).toBeGreaterThanOrEqual(1);
  });

  test.each([
    ['crash', 'crashed'],
    ['hang', 'timeout'],
    ['out-of-memory', 'out-of-memory'],
    ['zero', 'nonsense'],
    ['negative', 'nonsense'],
    ['nan', 'nonsense'],
    ['unsupported', 'unsupported-op'],
    ['unsupported-in-run', 'unsupported-op'],
  ] as const)('an op whose graph does %s fails as %s; the other is measured', async (behaviour, kind) => {
    const report = await supervise(plan([{ match: `op:${BAD}`, behaviour }]));
    expect(report.failures).toMatchObject([{ subjectId: BAD, kind }]);
    expect(report.terms.map(({ subjectId }) => subjectId)).toEqual([GOOD]);
    expect(report.probes.map(({ graphId }) => graphId)).toContain(`op:${GOOD}`);
  });

  test('an error of the engine in a later run says nothing of what it supports: its process crashed', async () => {
    const rule: FakeRule = { match: `op:${BAD}`, behaviour: 'unsupported-in-run', fromRun: 25 };
    const report = await supervise(plan([rule]));
    expect(report.failures).toMatchObject([
      { subjectId: BAD, kind: 'crashed', message: expect.stringContaining('no kernel for an operator') },
    ]);
  });

  test('a crash in the middle of the visits is charged to the graph that ran', async () => {
    const rule: FakeRule = { match: `op:${BAD}`, behaviour: 'crash', fromRun: 25 };
    const report = await supervise(plan([rule]));
    expect(report.failures).toMatchObject([{ subjectId: BAD, kind: 'crashed' }]);
    expect(report.observations.children).toBe(2);
  });

  test('a network that crashes leaves the ops of its session measured', async () => {
    const networkHash = contentHash(network);
    const subjects: Subject[] = [op(GOOD), { kind: 'network', id: 'n', networkHash, network }];
    const report = await supervise(plan([{ match: 'network:*', behaviour: 'crash' }], subjects));
    expect(report.failures).toMatchObject([{ subjectId: 'n', kind: 'crashed' }]);
    expect(report.terms.map(({ subjectId }) => subjectId)).toEqual([GOOD]);
  });

  test('stops at once when asked to', async () => {
    const stop = new AbortController();
    const running = supervise(plan([{ match: '*', behaviour: 'hang' }]), stop.signal);
    setTimeout(() => stop.abort(new Error('enough')), 300);
    await expect(running).rejects.toThrow('enough');
  });

  test('is not started when the wish to stop came first', async () => {
    const late = supervise(
      plan([{ match: '*', behaviour: 'hang' }]),
      AbortSignal.abort(new Error('too late')),
    );
    await expect(late).rejects.toThrow('too late');
  });

  test('stays on the core it was given, and says so', async () => {
    const report = await superviseSession(plan([]), { cores: [0], signal: new AbortController().signal });
    const { coresRequested, affinityBefore, affinityAfter } = report.observations;
    expect(coresRequested).toBe('0');
    expect([affinityBefore, affinityAfter]).toEqual(canPin() ? ['0', '0'] : [affinityBefore, affinityBefore]);
    expect(report.environment.pinned).toBe(canPin());
  });

  test.skipIf(!canPin() || availableParallelism() < 2)(
    'two threads have two cores, and are no other environment than two threads elsewhere',
    async () => {
      const measurement: MeasurementPlan = {
        runtime: 'onnxruntime',
        threads: 2,
        seed: 1,
        subjects: [op('conv2d:28x28x64>128:k3x3:s1x1:relu:f32')],
        protocol: { ...DEFAULT_PROTOCOL, minVisits: 2, maxVisits: 2 },
      };
      const cores = allowedCores().slice(0, 2);
      const report = await superviseSession(measurement, { cores, signal: new AbortController().signal });
      expect(report.failures).toEqual([]);
      expect(report.environment).toMatchObject({ threads: 2, pinned: true });
      expect(report.observations.affinityBefore).toBe(formatCores(cores));
    },
  );

  test('a runtime that dies with every graph is given up after six children, and all subjects have failed', async () => {
    const keys = [16, 32, 48, 64, 80, 96, 112, 128].map((units) => `dense:64>${units}:relu:f32`);
    const report = await supervise(plan([{ match: '*', behaviour: 'crash' }], keys.map(op)));
    expect(report.observations.children).toBe(6);
    expect(report.failures.map(({ subjectId }) => subjectId).sort()).toEqual([...keys].sort());
    expect(new Set(report.failures.map(({ kind }) => kind))).toEqual(new Set(['crashed']));
    expect(report.failures[0]!.message).toMatch(/^first of op:dense:64>16:relu:f32: signal SIGABRT/);
    expect(report.terms).toEqual([]);
  });

  test('a runtime that does not load is a failure of the session, with the child’s last words', async () => {
    const session = supervise({ ...plan([]), runtime: 'abacus' });
    await expect(session).rejects.toMatchObject({
      end: { kind: 'crashed', message: expect.stringContaining('abacus') },
    });
  });

  test('a process that dies before it began lies in no subject, and is begun anew', async () => {
    const measurement = plan([]);
    const dyingFile = join(temporaryDirectory(), 'die');
    writeFileSync(dyingFile, '');
    const report = await supervise({
      ...measurement,
      protocol: { ...measurement.protocol, processes: 2 },
      runtimeOptions: { ...measurement.runtimeOptions, dyingFile },
    });
    expect(report.failures).toEqual([]);
    expect(report.observations.children).toBe(3);
    expect(report.observations.processes).toHaveLength(2);
  });

  test('processes that always die before they begin are a failure of the session', async () => {
    const measurement = plan([]);
    // A folder is not removed: every child dies of it.
    const runtimeOptions = { ...measurement.runtimeOptions, dyingFile: temporaryDirectory() };
    await expect(supervise({ ...measurement, runtimeOptions })).rejects.toMatchObject({
      end: { kind: 'crashed' },
    });
  });

  test('an op key that is none fails alone', async () => {
    const report = await supervise(plan([], [op(GOOD), op('conv9d:what')]));
    expect(report.failures).toMatchObject([{ subjectId: 'conv9d:what', kind: 'unsupported-op' }]);
    expect(report.terms.map(({ subjectId }) => subjectId)).toEqual([GOOD]);
  });

  test('equal seeds visit in equal order', async () => {
    const order = async () => {
      const { probes } = await supervise(plan([]));
      const visits = probes.flatMap(({ graphId, causes }) =>
        causes!.slice(0, DEFAULT_PROTOCOL.minVisits).map(({ startMs }) => ({ graphId, startMs })),
      );
      return visits.sort((a, b) => a.startMs - b.startMs).map(({ graphId }) => graphId);
    };
    const first = await order();
    expect(first).toHaveLength(2 * DEFAULT_PROTOCOL.minVisits);
    expect(await order()).toEqual(first);
  });
});
