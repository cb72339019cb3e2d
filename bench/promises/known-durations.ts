import type { Subject } from '../../contracts/measurement.js';
import { probesWithCauses } from '../../core/measurement/judge-session.js';
import { summarizeSubject } from '../../core/measurement/summarize-subject.js';
import { keepOffCores } from '../../services/worker/keep-off-cores.js';
import { type BenchLine, judged } from '../bench-line.js';
import { CORE, holdSession, percent } from './held-session.js';

const SHORTEST_NS = 50_000;
const LENGTHS_MS = [0.05, 0.2, 1, 10, 50] as const;

/** Ops that wait busily for a known time on the fake device, timed by the process's clock. */
export async function* benchKnownDurations(): AsyncIterable<BenchLine> {
  keepOffCores([CORE]);
  const keys = LENGTHS_MS.map((_, i) => `dense:16>${16 * (i + 1)}:f32`);
  const report = await holdSession(
    keys.map((key): Subject => ({ kind: 'op', id: key, key })),
    1,
    {
      runtime: 'fake',
      runtimeOptions: {
        spend: true,
        opFixedNs: SHORTEST_NS,
        macsPerNs: 1e12,
        elementsPerNs: 1e12,
        rules: LENGTHS_MS.map((ms, i) => ({
          match: `op:${keys[i]}`,
          behaviour: 'slow',
          slowdown: (ms * 1e6) / SHORTEST_NS,
        })),
      },
    },
  );
  const probes = probesWithCauses(report);
  for (const [i, lengthMs] of LENGTHS_MS.entries()) {
    const terms = report.terms.find(({ subjectId }) => subjectId === keys[i])!.terms;
    const { latencyNs } = summarizeSubject(terms, probes);
    yield judged({
      bench: 'promises-known',
      metric: `a busy wait of ${lengthMs} ms, error`,
      value: percent(Math.abs(latencyNs / (lengthMs * 1e6) - 1)),
      unit: '%',
      goal: { atMost: lengthMs <= 0.05 ? 5 : 2 },
      detail: { measuredMs: latencyNs / 1e6 },
    });
  }
}
