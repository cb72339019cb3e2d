import { describe, expect, test } from 'vitest';
import { candidateWord } from '../../cli/input/candidate-word.js';
import { jobText } from '../../cli/views/job-text.js';
import { samplesText, sessionText } from '../../cli/views/session-text.js';
import type { JobView } from '../../contracts/http/job-view.js';
import type { MeasuredSessionView } from '../../contracts/http/measured-session.js';
import type { ComparisonResult, MeasureResult } from '../../contracts/job.js';
import { DEFAULT_PROTOCOL } from '../../contracts/measurement.js';
import { ENVIRONMENT } from '../db/session-report.js';

const COMPARISON: ComparisonResult = {
  answer: 'faster',
  ratio: 0.817,
  interval: { low: 0.806, high: 0.828, level: 0.95 },
  noiseFloor: 0.034,
  rounds: 25,
  processes: 3,
};

const network = (latencyMs: number): MeasureResult['networks'][number] => ({
  networkHash: 'a'.repeat(64),
  latencyMs,
  interval: null,
  verdict: 'usable',
  reasons: ['host-gaps: 16.4 % of 40 spins taken'],
  failure: null,
});

function job(comparison: ComparisonResult): JobView {
  return {
    id: 'job_1',
    kind: 'measure',
    device: 'local',
    subject: 'one against other',
    status: 'finished',
    outcome: 'ok',
    message: null,
    waitsFor: null,
    progress: null,
    result: {
      kind: 'measure',
      sessionId: 3,
      latencyMs: 0.41,
      interval: null,
      verdict: 'usable',
      networks: [network(0.41), network(0.335)],
      ops: [],
      comparison,
    },
    attempts: 1,
  } as unknown as JobView;
}

describe('a measurement', () => {
  const measured: MeasureResult = {
    kind: 'measure',
    sessionId: 3,
    latencyMs: 0.41,
    interval: null,
    verdict: 'usable',
    networks: [{ ...network(0.41), openMs: 12.5, firstMs: 1.75, typicalMs: 0.43 }],
    ops: [],
  };
  const textOf = (target?: 'steady' | 'cold') => {
    const result = target === undefined ? measured : { ...measured, target };
    return jobText({ ...job(COMPARISON), result })
      .replaceAll('\u00a0', ' ')
      .replaceAll('\u202f', ' ');
  };

  test('names what its latency is of, beside opening and first run', () => {
    expect(textOf('steady')).toContain('one against other on local: 410.0 µs steady, usable');
    expect(textOf('cold')).toContain('one against other on local: 410.0 µs cold, usable');
    expect(textOf('cold')).toContain(
      'opening 12.50 ms, first run 1.750 ms, after other work 410.0 µs (430.0 µs with',
    );
  });

  test('of an earlier version was steady', () => {
    expect(textOf()).toContain('410.0 µs steady, usable');
    expect(textOf()).toContain('steady state 410.0 µs');
  });
});

describe('a comparison', () => {
  test('says which is faster, by how much, and what that rests on', () => {
    const text = jobText(job(COMPARISON)).replaceAll('\u00a0', ' ').replaceAll('\u202f', ' ');
    expect(text).toContain('one against other on local: B is faster than A');
    expect(text).toContain("B takes 81.7 % of A's time, 95 % interval 80.6 % – 82.8 %");
    expect(text).toContain('25 rounds of A, B, B, A in 3 processes; noise floor of the device 3.4 %');
    expect(text).toContain('A: 410.0 µs steady, usable');
    expect(text.match(/host-gaps/g)).toHaveLength(1);
  });

  test('says when it cannot be told, and when the noise was never measured', () => {
    const text = jobText(job({ ...COMPARISON, answer: 'ambiguous', noiseFloor: null }));
    expect(text).toContain('it cannot be told which is faster');
    expect(text).toContain('lutra devices check');
  });
});

describe('a candidate in a word', () => {
  const stdin = process.stdin;

  test('is a zoo name with options of its own above shared ones', async () => {
    expect(await candidateWord('mobilenet-v2', {}, stdin)).toEqual({ zoo: 'mobilenet-v2' });
    expect(
      await candidateWord('mobilenet-v2:width=0.5,classes=10', { width: 1, resolution: 96 }, stdin),
    ).toEqual({
      zoo: 'mobilenet-v2',
      options: { width: 0.5, classes: 10, resolution: 96 },
    });
  });

  test.each(['', ':width=1', 'a:b:c', 'mobilenet-v2:width'])('is not %j', async (word) => {
    await expect(candidateWord(word, {}, stdin)).rejects.toMatchObject({ exitCode: 2 });
  });
});

describe('a session', () => {
  const session: MeasuredSessionView = {
    id: 4,
    device: 'local',
    environment: ENVIRONMENT,
    jobId: null,
    startedAtMs: 0,
    endedAtMs: 1_700,
    protocol: { ...DEFAULT_PROTOCOL, processes: 3 },
    seed: 1,
    verdict: 'usable',
    checks: [{ name: 'core-wait', state: 'warn', detail: '24.7 % of visits waited' }],
    anchorFactor: 1.012,
    opFactor: 1.006,
    observations: {},
    subjects: [
      {
        kind: 'network',
        key: null,
        networkHash: 'a'.repeat(64),
        target: 'cold',
        latencyMs: 0.41,
        interval: { lowMs: 0.4, highMs: 0.42, level: 0.95 },
        openMs: 3,
        firstMs: 1,
        precision: 0.02,
        samples: 80,
        visits: 8,
        verdict: 'usable',
        reasons: [],
        failure: null,
        terms: [],
      },
    ],
    replaysToTheSame: true,
  };

  test('shows its checks and that it was computed anew', () => {
    const text = sessionText(session);
    expect(text).toContain('session 4 on local: usable');
    expect(text).toContain('1.7 s, 3 fresh processes');
    expect(text).toContain('every figure is the same');
    expect(text).toMatch(/core-wait\s+warn\s+24\.7 % of visits waited/);
    expect(text).toMatch(/network a{12}\s+cold\s+410\.0/);
    expect(sessionText({ ...session, replaysToTheSame: null })).toContain('cannot be computed anew');
  });

  test('shows the class of each visit, left out or used', () => {
    const visit = {
      class: 'waited' as const,
      used: false,
      process: 0,
      startMs: 1,
      waitShare: 0.4,
      takenShare: null,
      stoppedShare: 0,
      preemptions: 2,
      majorFaults: 0,
      samplesNs: [1_000, null, 9_000],
    };
    const text = samplesText({ sessionId: 4, graphs: [{ graphId: 'op:x', openings: [], visits: [visit] }] });
    expect(text).toMatch(/waited, left out\s+40\.0.%\s+0\.0.%\s+–\s+3\s+1\.0\s+9\.0/);
  });
});
