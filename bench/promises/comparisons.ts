import { COMPARISON_PROTOCOL } from '../../contracts/measurement.js';
import { contentHash } from '../../core/network/content-hash.js';
import type { Network } from '../../core/network/network.js';
import { fuse } from '../../core/ops/fuse.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { compareReport } from '../../db/session/compare-report.js';
import { judgeReport } from '../../db/session/judge-report.js';
import { keepOffCores } from '../../services/worker/keep-off-cores.js';
import { type BenchLine, judged } from '../bench-line.js';
import { CORE, type HeldSession, holdSession, NETWORK, networkSubject, percent } from './held-session.js';

const PAIRS = 20;
/** As the noise checks of a quiet machine find it. */
const NOISE_FLOOR = 0.02;

/** A network against itself must not differ; one that takes 10 % longer must be found out. */
export async function* benchComparisons(): AsyncIterable<BenchLine> {
  keepOffCores([CORE]);
  const bench = 'promises-compared';
  const equal = await repeated((seed) => compare(NETWORK, NETWORK, seed));
  yield judged({
    bench,
    metric: 'a network against itself, called different',
    value: percent(equal.filter(({ answer }) => answer === 'faster' || answer === 'slower').length / PAIRS),
    unit: '%',
    goal: { atMost: 5 },
    detail: summary(equal),
  });
  const slower = await repeated(compareKnown);
  yield judged({
    bench,
    metric: 'a network that takes 10 % longer, found',
    value: percent(slower.filter(({ answer }) => answer === 'slower').length / PAIRS),
    unit: '%',
    goal: { atLeast: 90 },
    detail: summary(slower),
  });
}

async function compare(a: Network, b: Network, seed: number, held: HeldSession = {}) {
  const subjects = [networkSubject(a, 'a', 'a'), networkSubject(b, 'b', 'b')];
  const report = await holdSession(subjects, seed, { protocol: COMPARISON_PROTOCOL, ...held });
  return compareReport(report, judgeReport(report, null), NOISE_FLOOR)!;
}

/** Two networks of the fake device that wait busily, the second for 10 % longer than the first. */
function compareKnown(seed: number) {
  const [a, b] = [0.5, 0.75].map((width) => buildZooNetwork('mobilenet-v3-tiny', { width })) as [
    Network,
    Network,
  ];
  const ops = (network: Network) => fuse(network).length;
  const options = {
    spend: true,
    opFixedNs: 20_000,
    macsPerNs: 1e12,
    elementsPerNs: 1e12,
    networkOverheadNs: 0,
    rules: [
      {
        match: `network:${contentHash(b)}`,
        behaviour: 'slow',
        slowdown: (1.1 * ops(a)) / ops(b),
      },
    ],
  };
  return compare(a, b, seed, { runtime: 'fake', runtimeOptions: options });
}

async function repeated<T>(work: (seed: number) => Promise<T>): Promise<readonly T[]> {
  const results: T[] = [];
  for (let seed = 0; seed < PAIRS; seed++) results.push(await work(seed));
  return results;
}

function summary(comparisons: readonly { readonly answer: string; readonly ratio: number }[]) {
  const answers: Record<string, number> = {};
  for (const { answer } of comparisons) answers[answer] = (answers[answer] ?? 0) + 1;
  const ratios = comparisons.map(({ ratio }) => ratio);
  return { pairs: PAIRS, answers, leastRatio: Math.min(...ratios), mostRatio: Math.max(...ratios) };
}
