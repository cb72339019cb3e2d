import { type EstimatePair, fidelityOf } from '../../core/latency/fidelity.js';
import { type BenchLine, judged } from '../bench-line.js';
import type { Collected, MeasuredNetwork } from './collected.js';
import type { Group } from './groups.js';
import { errorLine, pairsLeftOut, pairsOf, percent, rounded, tableOf } from './judge.js';
import { measuredNs, measuredTwiceNs } from './measured-ns.js';
import { LINEAR_IN_MACS, type Rival } from './rivals.js';

const bench = 'fidelity';

/** Each network by a calibration on the others of its family and size, where there are any, beside what chance allows. */
export function* judgeGroup(collected: Collected, group: Group): Iterable<BenchLine> {
  if (group.length < 2) return;
  const [{ family, resolution }] = group;
  const name = `${family} at ${resolution} px`;
  const pairs = pairsLeftOut(collected, group);
  const twice = fidelityOf(
    group.flatMap((network) => {
      const [estimate, measured] = measuredTwiceNs(network) ?? [0, 0];
      return measured === 0 ? [] : [{ estimate, measured }];
    }),
  );
  const repeated = twice === null ? 0 : percent(twice.meanAbsoluteError);
  const repeatedTau = twice?.kendallTau ?? 1;
  const plain = errorLine(name, pairsOf(tableOf(collected, [], null), group));
  yield judged({
    ...errorLine(name, pairs, {
      repeatedPercent: repeated,
      repeatedTau: rounded(repeatedTau, 3),
      plainSumsPercent: plain.value,
      macsPercent: errorLine(name, rivalLeftOut(LINEAR_IN_MACS, collected, group)).value,
    }),
    goal: { atMost: Math.max(1.5, repeated) },
  });
  const { within5Percent, kendallTau } = fidelityOf(pairs)!;
  yield judged({
    bench,
    metric: `${name}, networks within 5 %`,
    value: percent(within5Percent),
    unit: '%',
    goal: { atLeast: Math.min(97, percent(twice?.within5Percent ?? 1)) },
  });
  yield judged({
    bench,
    metric: `${name}, rank agreement`,
    value: rounded(kendallTau ?? 1, 3),
    unit: 'ratio',
    goal: { atLeast: Math.min(0.9, rounded(repeatedTau, 3)) },
  });
}

/** Each network by a rival that was fitted on the others. */
function rivalLeftOut(
  rival: Rival,
  collected: Collected,
  networks: readonly MeasuredNetwork[],
): readonly EstimatePair[] {
  return networks.map((network) => {
    const others = networks.filter((other) => other !== network);
    return { estimate: rival.fitted(others, collected)(network), measured: measuredNs(network) };
  });
}
