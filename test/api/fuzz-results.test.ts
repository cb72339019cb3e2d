import { expect, it, onTestFinished } from 'vitest';
import type { SessionReport } from '../../contracts/measurement.js';
import { COMPARISON_PROTOCOL, DEFAULT_PROTOCOL } from '../../contracts/measurement.js';
import { ERRORS } from '../../core/errors.js';
import { type Rng, seededRng } from '../../core/random.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { submitJob } from '../../services/lease/submit-job.js';
import { opening } from '../db/session-report.js';
import { carryOut, measureJob } from '../lease/lease-world.js';
import type { MeasuringLease } from './lease-desk.js';
import { mutate } from './mutate.js';
import { startTestApp, type TestApp } from './test-app.js';

const REPORTS = 400;

const A = buildZooNetwork('mobilenet-v3-tiny', { width: 0.25 });
const B = buildZooNetwork('mobilenet-v3-tiny', { width: 0.5 });
const OPS = ['dense:64>10:f32', 'globalAvgPool:7x7x64:f32'];
const JOBS = [
  { ops: OPS, networks: [A], remeasure: true, protocol: { ...DEFAULT_PROTOCOL, processes: 2 } },
  { ops: [], networks: [A, B], aim: 'comparison' as const, protocol: COMPARISON_PROTOCOL },
];

async function nextLease(t: TestApp, number: number): Promise<MeasuringLease> {
  await t.inject({ method: 'POST', url: '/devices/bench/resume' });
  const job = measureJob({ device: 'bench', ...JOBS[number % JOBS.length] }, number);
  await submitJob(t.db, t.queue, job);
  const answer = await t.send('POST', '/leases', { worker: 'fuzzer', device: 'bench', leaseMs: 300_000 });
  expect(answer.statusCode, answer.body).toBe(200);
  return answer.json<MeasuringLease>();
}

/** A good report, with all that sessions of two processes hold. Its networks are left out: the job's own count. */
function goodReport({ plan }: MeasuringLease): SessionReport {
  const report = carryOut(plan);
  return {
    ...report,
    subjects: report.subjects.map((subject) => ('network' in subject ? { ...subject, network: 0 } : subject)),
    probes: report.probes.map((probe) => ({
      ...probe,
      causes: probe.visitsNs.map((_, visit) => ({
        startMs: visit,
        stoppedShare: 0,
        preemptions: 0,
        majorFaults: 0,
        parallelRatio: 1.5,
      })),
      openings: [opening(4), opening(4)],
    })),
    observations: {
      ...report.observations,
      processes: [4, 4].map((visits) => ({
        probes: Array.from({ length: visits + 1 }, (_, round) => ({
          atMs: round - 0.5,
          takenShare: 0,
          longestGapUs: 1,
          chunkNs: 100,
          parallelRatio: 1.5,
          cacheNsPerByte: 0.1,
        })),
        before: { availableBytes: 5e9, totalBytes: 1e10, frequencyMhz: 3e3 },
        after: { availableBytes: 5e9, totalBytes: 1e10, frequencyMhz: 3e3 },
      })),
    },
  };
}

/** Numbers that a schema takes, in the place of one that is there. */
const NUMBERS = [0, 1, -1, 3, 1e3, 1e9, 1e12, 1e15, -1e15, 1e-300];

/** Changes a number somewhere in the figures, else anything. */
function spoil(report: SessionReport, rng: Rng): unknown {
  if (rng() < 0.3) return mutate(report, rng);
  const copy = structuredClone(report);
  const places: { of: Record<string, unknown>; key: string }[] = [];
  const look = (value: unknown) => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (typeof inner === 'number' || (Array.isArray(inner) && rng() < 0.2))
        places.push({ of: value as Record<string, unknown>, key });
      look(inner);
    }
  };
  look([copy.probes, copy.terms, copy.observations]);
  const { of, key } = places[Math.floor(rng() * places.length)]!;
  of[key] = Array.isArray(of[key]) ? [] : NUMBERS[Math.floor(rng() * NUMBERS.length)];
  return copy;
}

it(`${REPORTS} spoilt reports under real leases are stored, or refused with a reason`, async () => {
  const t = await startTestApp(undefined, { limits: { requestsPerMinute: 1e7, refusalsPerMinute: 1e7 } });
  onTestFinished(() => t.close());
  const rng = seededRng(21);
  const answers = { stored: 0, refused: 0 };
  let jobs = 0;
  let lease = await nextLease(t, jobs++);
  for (let i = 0; i < REPORTS; i++) {
    let report: unknown = goodReport(lease);
    for (let changes = rng() < 0.1 ? 0 : rng() < 0.7 ? 1 : 4; changes > 0; changes--)
      report = spoil(report as SessionReport, rng);
    const body = JSON.stringify({ kind: 'measure', report });
    const answer = await t.send('POST', `/leases/${lease.id}/result`, body);
    expect(answer.statusCode, `${answer.body}\n${body.slice(0, 3_000)}`).toBeLessThan(500);
    if (answer.statusCode === 200) {
      answers.stored++;
      lease = await nextLease(t, jobs++);
      continue;
    }
    answers.refused++;
    const { code, pointer } = answer.json();
    expect(Object.keys(ERRORS)).toContain(code);
    expect(pointer, answer.body).toMatch(/^\//);
  }
  // All stored, or all refused, would have tested little.
  expect(answers.stored).toBeGreaterThan(REPORTS * 0.2);
  expect(answers.refused).toBeGreaterThan(REPORTS * 0.2);
}, 300_000);
