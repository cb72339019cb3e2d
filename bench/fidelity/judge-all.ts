import { fidelityOf } from '../../core/latency/fidelity.js';
import { type BenchLine, judged } from '../bench-line.js';
import type { Collected, MeasuredNetwork } from './collected.js';
import { firstOfEachGroup, groupsOf } from './groups.js';
import { errorLine, pairsOf, percent, rounded, type TableOfTarget, tableOf } from './judge.js';

/** The first networks of each family and size calibrate a table for all. */
export function* judgeAll(collected: Collected): Iterable<BenchLine> {
  const { networks } = collected;
  const calibration = firstOfEachGroup(networks);
  const heldOut = networks.filter((network) => !calibration.includes(network));
  if (heldOut.length === 0) return;
  const calibrated = tableOf(collected, calibration);
  const { kind, scale, interceptNs, memory } = calibrated.table.calibrationOf(calibrated.target);
  const detail = {
    calibration: calibration.length,
    kind,
    onceFactor: memory && rounded(memory.once, 2),
    streamedFactor: memory && rounded(memory.streamed, 2),
    beyondFactor: memory && rounded(memory.beyond, 2),
    scale: rounded(scale, 4),
    interceptUs: rounded(interceptNs / 1e3, 1),
  };
  yield judged({
    ...errorLine('all sizes, one calibration', pairsOf(calibrated, heldOut), detail),
    goal: { atMost: 2 },
  });
  for (const group of groupsOf(heldOut)) {
    const [{ family, resolution }] = group;
    yield errorLine(`all sizes, one calibration: ${family} at ${resolution} px`, pairsOf(calibrated, group));
  }
  const large = heldOut.filter(({ resolution }) => resolution >= 160);
  yield* ofLarge(calibrated, large);
  const withoutMemory = tableOf(collected, calibration, null);
  yield errorLine('all sizes, one calibration, without the memory term', pairsOf(withoutMemory, heldOut));
  yield errorLine('no calibration', pairsOf(tableOf(collected, []), networks));
  yield errorLine('no calibration, no memory term', pairsOf(tableOf(collected, [], null), networks));
}

function* ofLarge(calibrated: TableOfTarget, large: readonly MeasuredNetwork[]): Iterable<BenchLine> {
  const pairs = pairsOf(calibrated, large);
  const fidelity = fidelityOf(pairs);
  if (fidelity === null) return;
  const name = 'all sizes, one calibration: 160 px and more';
  yield judged({ ...errorLine(name, pairs), goal: { atMost: 2 } });
  yield judged({
    bench: 'fidelity',
    metric: `${name}, largest error`,
    value: percent(fidelity.maxAbsoluteError),
    unit: '%',
    goal: { atMost: 6 },
  });
}

/** Calibrated on all other families: what a table says of an architecture that it has never seen whole. */
export function* judgeFamiliesLeftOut(collected: Collected): Iterable<BenchLine> {
  const { networks } = collected;
  const families = new Set(networks.map(({ family }) => family));
  if (families.size < 2) return;
  for (const left of families) {
    const others = tableOf(
      collected,
      networks.filter(({ family }) => family !== left),
    );
    const pairs = pairsOf(
      others,
      networks.filter(({ family }) => family === left),
    );
    yield judged({ ...errorLine(`${left}, calibrated on the other families`, pairs), goal: { atMost: 3 } });
  }
}
