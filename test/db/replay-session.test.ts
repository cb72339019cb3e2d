import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SessionReport } from '../../contracts/measurement.js';
import { type Database, openDatabase } from '../../db/open-database.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { MeasurementRepository } from '../../db/repositories/measurements.js';
import { SessionRepository } from '../../db/repositories/sessions.js';
import { judgeReport } from '../../db/session/judge-report.js';
import { isSameAsStored, replaySession } from '../../db/session/replay-session.js';
import { QUIET, sessionReport } from './session-report.js';

const KEYS = ['dense:64>32:f32', 'dense:64>48:relu:f32'] as const;

let directory: string;
let db: Database;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'lutra-replay-'));
  db = openDatabase(join(directory, 'lutra.db'));
  new DeviceRepository(db).register({ name: 'bench', runtime: 'fake', options: { threads: 1 } });
});
afterAll(() => {
  db.close();
  rmSync(directory, { recursive: true, force: true });
});

const commit = (report: SessionReport) =>
  new MeasurementRepository(db).commitSession({ deviceName: 'bench', jobId: null, report }).sessionId!;

/** Sessions as a shared machine yields them: noisy samples, waits, stops, gaps, several processes, odd numbers. */
const arbitraryReport = fc
  .record({
    processes: fc.integer({ min: 1, max: 3 }),
    visits: fc.integer({ min: 1, max: 12 }),
    noise: fc.array(fc.double({ min: 1, max: 2, noNaN: true }), { minLength: 1, maxLength: 40 }),
    shares: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 40 }),
    coefficient: fc.constantFrom(-0.5, -1, 0.5),
    nonsense: fc.boolean(),
    affinityAfter: fc.constantFrom('0', '1'),
  })
  .map(({ processes, visits, noise, shares, coefficient, nonsense, affinityAfter }): SessionReport => {
    const report = sessionReport({ ops: { [KEYS[0]]: 9_000, [KEYS[1]]: 12_345.678 } });
    let drawn = 0;
    const next = (values: readonly number[]) => values[drawn++ % values.length]!;
    for (const [index, probe] of report.probes.entries()) {
      const count = visits * processes;
      const levelNs = probe.visitsNs[0]![0]!;
      probe.visitsNs = Array.from({ length: count }, () =>
        Array.from({ length: 3 }, () => levelNs * next(noise)),
      );
      probe.visitWaitShare = Array.from({ length: count }, () => next(shares));
      probe.causes = Array.from({ length: count }, (_, visit) => ({
        startMs: (visit % visits) * 10,
        stoppedShare: next(shares) / 3,
        preemptions: 1,
        majorFaults: 0,
      }));
      probe.openings = Array.from({ length: processes }, () => ({
        visits,
        openNs: 1e6,
        firstNs: 2e4 * next(noise),
        warmUpRuns: 10,
        warmUpNs: 1e6,
        steady: next(shares) < 0.9,
        runsPerSample: 1,
      }));
      if (nonsense && index === 1) probe.visitsNs[0]![0] = Number.NaN;
    }
    report.terms[2]!.terms.push({ graphId: report.probes[1]!.graphId, coefficient });
    report.observations = {
      ...QUIET,
      affinityAfter,
      processes: Array.from({ length: processes }, () => ({
        probes: Array.from({ length: visits + 1 }, (_, round) => ({
          atMs: round * 10 - 5,
          takenShare: next(shares) / 2,
          longestGapUs: 30,
          chunkNs: 1_640,
        })),
        allowedCores: ['0'],
        before: {},
        after: {},
        timedMs: 100,
      })),
    };
    return report;
  });

describe('a stored session', () => {
  it('is computed anew to the last digit, whatever happened in it', () => {
    fc.assert(
      fc.property(arbitraryReport, (report) => {
        const id = commit(report);
        const stored = new SessionRepository(db).get(id);
        const replayed = replaySession(db, id)!;
        expect(isSameAsStored(stored, replayed)).toBe(true);
        expect(JSON.stringify(replaySession(db, id))).toBe(JSON.stringify(replayed));
      }),
      { numRuns: 60 },
    );
  });

  it('is the same to the last digit whatever order its terms came in', () => {
    const report = sessionReport({ ops: { [KEYS[0]]: 9_000.1, [KEYS[1]]: 777.7 } });
    const graphIds = report.probes.map(({ graphId }) => graphId);
    const terms = [0.1, 0.7, 1 / 3].map((coefficient, i) => ({ graphId: graphIds[i]!, coefficient }));
    const latencyNs = (order: typeof terms) =>
      judgeReport({ ...report, terms: report.terms.map((term) => ({ ...term, terms: order })) }, null)
        .outcomes[1]!.summary!.latencyNs;
    const [a, b, c] = terms as [(typeof terms)[0], (typeof terms)[0], (typeof terms)[0]];
    expect(
      new Set(
        [
          [a, b, c],
          [a, c, b],
          [b, a, c],
          [b, c, a],
          [c, a, b],
          [c, b, a],
        ].map(latencyNs),
      ).size,
    ).toBe(1);
  });

  it('that differs by one figure is found out', () => {
    const id = commit(sessionReport({ ops: { [KEYS[0]]: 9_000 } }));
    const stored = new SessionRepository(db).get(id);
    const replayed = replaySession(db, id)!;
    const [anchor, op] = stored.measurements;
    const other = { ...stored, measurements: [anchor!, { ...op!, latencyNs: op!.latencyNs! + 1 }] };
    expect(isSameAsStored(other, replayed)).toBe(false);
  });

  it('of an earlier version cannot be replayed, and can be read', () => {
    const columns =
      'device_id, environment_id, started_at_ms, ended_at_ms, plan, observations, verdict, checks';
    const id = Number(
      db
        .prepare(
          `INSERT INTO session (${columns}, anchor_factor)
           SELECT ${columns}, 1 FROM session ORDER BY id LIMIT 1`,
        )
        .run().lastInsertRowid,
    );
    db.prepare(
      `INSERT INTO probe (session_id, graph_id, open_ns, first_ns, visits, wait_share)
       SELECT ?, graph_id, open_ns, first_ns, visits, wait_share FROM probe WHERE session_id = 1`,
    ).run(id);
    expect(replaySession(db, id)).toBeNull();
    const { probes, judgedAgainst } = new SessionRepository(db).get(id);
    expect(judgedAgainst).toBeNull();
    expect(probes[0]!.causes).toBeUndefined();
  });
});
