import { describe, expect, it } from 'vitest';
import { proposeCounted, proposeCountedStep } from '../../core/netadapt/counted-proposals.js';
import { chosenProposals, cutsOf, type Proposal } from '../../core/netadapt/proposals.js';
import { peakActivationBytes } from '../../core/network/memory.js';
import type { Network } from '../../core/network/network.js';
import { resizeGroups } from '../../core/network/resize-groups.js';
import { widthGroups } from '../../core/network/width-groups.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';

const kind = 'peakActivationBytes';
const widthStep = 8;

function step(network: Network, share: number) {
  const targets = [1, 1 / 2, 1 / 4].map((part) => peakActivationBytes(network) * (1 - share * part));
  return proposeCountedStep({ network, kind, targets, widthStep });
}

describe('a budget of peak memory', () => {
  it.each(['mobilenet-v1', 'mobilenet-v2', 'mobilenet-v3-large'])(
    'of %s reaches what the narrowest network needs, where single groups end long before',
    (name) => {
      const seed = buildZooNetwork(name, { resolution: 96 });
      const narrowest = resizeGroups(
        seed,
        widthGroups(seed)
          .filter(({ frozen, width }) => !frozen && width > widthStep)
          .map(({ id }) => ({ group: id, width: widthStep })),
      );
      let network = seed;
      let together = 0;
      for (;;) {
        const { proposals, target } = step(network, 0.03);
        const chosen = proposals[0];
        if (chosen === undefined) break;
        expect(chosen.estimate).toBeLessThanOrEqual(target);
        const next = resizeGroups(network, cutsOf(chosen));
        expect(peakActivationBytes(next)).toBe(chosen.estimate);
        if (cutsOf(chosen).length > 1) {
          together += 1;
          expect(proposeCounted({ network, kind, target, widthStep })).toEqual([]);
        }
        network = next;
      }
      expect(peakActivationBytes(network)).toBe(peakActivationBytes(narrowest));
      expect(together).toBeGreaterThan(0);
    },
  );

  it('proposes no combination twice, and each from a group that is alive at the peak', () => {
    let network = buildZooNetwork('mobilenet-v1', { resolution: 96 });
    for (;;) {
      const { proposals } = step(network, 0.03);
      const cuts = proposals.map((proposal) =>
        cutsOf(proposal)
          .map(({ group, width }) => `${group}=${width}`)
          .sort()
          .join(),
      );
      expect(new Set(cuts).size).toBe(cuts.length);
      if (proposals.some(({ also = [] }) => also.length > 0)) break;
      network = resizeGroups(network, cutsOf(proposals[0]!));
    }
  });
});

describe('what was chosen', () => {
  const cut = (group: string, width: number) => ({ group, widthBefore: 64, width });
  const proposal = (group: string, width: number, also: ReturnType<typeof cut>[] = []): Proposal => ({
    ...cut(group, width),
    also,
    estimate: 1,
    ops: [],
  });

  it('is the proposal with just these cuts, though another has some of them', () => {
    const [part, whole] = [proposal('a', 56), proposal('b', 48, [cut('a', 56)])];
    expect(chosenProposals([part, whole], [cut('b', 48), cut('a', 56)])).toEqual([whole]);
    expect(chosenProposals([part, whole], [cut('a', 56)])).toEqual([part]);
  });

  it('is every proposal whose cut is among them, where several were taken', () => {
    const [a, b, c] = [proposal('a', 56), proposal('b', 48), proposal('c', 8)];
    expect(chosenProposals([a, b, c], [cut('b', 48), cut('a', 56)])).toEqual([a, b]);
    expect(chosenProposals([a, b, c], [])).toEqual([]);
  });
});
