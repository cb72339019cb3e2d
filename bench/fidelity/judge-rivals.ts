import type { BenchLine } from '../bench-line.js';
import type { Collected, MeasuredNetwork } from './collected.js';
import { firstOfEachGroup, groupsOf } from './groups.js';
import { errorLine, pairsOf, tableOf } from './judge.js';
import { measuredNs } from './measured-ns.js';
import { ISOLATED_RIVALS, RIVALS } from './rivals.js';

/** Networks that calibrate where there is one family and size. */
const CALIBRATING = 6;

/** What others get on the same networks, fitted on the networks that calibrate the table and on half of all. */
export function* judgeRivals(collected: Collected): Iterable<BenchLine> {
  const { networks, isolatedNs } = collected;
  const isolated = Object.keys(isolatedNs).length > 0 ? ISOLATED_RIVALS : [];
  for (const known of knownSets(networks)) {
    const tested = networks.filter((network) => !known.includes(network));
    if (tested.length === 0) continue;
    const fitted = `fitted on ${known.length} networks`;
    yield errorLine(`this model, ${fitted}`, pairsOf(tableOf(collected, known), tested));
    for (const rival of [...isolated, ...RIVALS]) {
      const estimate = rival.fitted(known, collected);
      const pairs = tested.map((network) => ({ estimate: estimate(network), measured: measuredNs(network) }));
      yield errorLine(`${rival.name}, ${fitted}`, pairs);
    }
  }
}

function knownSets(networks: readonly MeasuredNetwork[]): readonly (readonly MeasuredNetwork[])[] {
  const groups = groupsOf(networks);
  const few = groups.length > 1 ? firstOfEachGroup(networks) : networks.slice(0, CALIBRATING);
  return [few, networks.filter((_, i) => i % 2 === 0)];
}
