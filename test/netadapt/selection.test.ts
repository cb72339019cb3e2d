import { describe, expect, it } from 'vitest';
import type { Evaluation } from '../../core/netadapt/evaluation.js';
import { lossNoiseNats } from '../../core/netadapt/loss-noise.js';
import type { Ranking } from '../../core/netadapt/ranking.js';
import { type EvaluatedProposal, select } from '../../core/netadapt/selection.js';

function evaluated(accuracy: number, calibratedLossNats: number): Evaluation {
  return { accuracy, lossNats: calibratedLossNats, calibratedLossNats, temperature: 1, count: 5000 };
}

function proposal(
  group: string,
  estimate: number,
  [accuracy, loss]: readonly [number, number],
  ops: readonly number[],
): EvaluatedProposal {
  return { group, widthBefore: 64, width: 48, estimate, ops, holdout: evaluated(accuracy, loss) };
}

const REFERENCE = { nullProposal: evaluated(0.9, 0.3), present: evaluated(0.91, 0.29) };

function chosenBy(
  ranking: Ranking,
  proposals: readonly EvaluatedProposal[],
  options: { readonly aim?: number; readonly maxChosen?: number; readonly noise?: number } = {},
) {
  const { aim = 50, maxChosen = 1, noise = 0 } = options;
  return select(proposals, { ranking, reference: REFERENCE, amount: 100, aim, maxChosen, noise });
}

const groupsOf = ({ chosen }: ReturnType<typeof select>): readonly string[] =>
  chosen.map(({ group }) => group);

describe('select', () => {
  // Losses over the null proposal's: +0.02 for 4 ms, +0.03 for 10 ms, +0.04 for 5 ms.
  const a = proposal('a', 96, [0.9, 0.32], [0, 1]);
  const b = proposal('b', 90, [0.88, 0.33], [1, 2]);
  const c = proposal('c', 95, [0.895, 0.34], [3]);

  it('loss-per-latency: the least loss for the latency it takes away', () => {
    const selection = chosenBy('loss-per-latency', [a, b, c]);
    expect(groupsOf(selection)).toEqual(['b']);
    expect(selection.estimate).toBe(90);
    expect(selection.scores.a).toBeCloseTo(0.005, 9);
    expect(selection.scores.b).toBeCloseTo(0.003, 9);
    expect(selection.scores.c).toBeCloseTo(0.008, 9);
  });

  it('accuracy: NetAdapt’s rule', () => {
    const selection = chosenBy('accuracy', [a, b, c]);
    expect(groupsOf(selection)).toEqual(['a']);
    expect(selection.scores).toEqual({ a: 0.9, b: 0.88, c: 0.895 });
  });

  it('accuracy-per-latency: MobileNetV3’s rule, against the network as it stands', () => {
    const selection = chosenBy('accuracy-per-latency', [a, b, c]);
    // −0.01/4, −0.03/10, −0.015/5.
    expect(groupsOf(selection)).toEqual(['a']);
    expect(selection.scores.a).toBeCloseTo(-0.0025, 9);
    expect(selection.scores.b).toBeCloseTo(-0.003, 9);
  });

  it('takes further proposals that share no op with those taken', () => {
    const selection = chosenBy('loss-per-latency', [a, b, c], { maxChosen: 3 });
    expect(groupsOf(selection)).toEqual(['b', 'c']);
    expect(selection.estimate).toBe(85);
  });

  it('does not take together what would go below the aim', () => {
    expect(groupsOf(chosenBy('loss-per-latency', [a, b, c], { maxChosen: 3, aim: 86 }))).toEqual(['b']);
  });

  it('counts no latency that is taken away below the aim', () => {
    // With 5 ms to go, b's 10 ms are worth 5: 0.03/5 is worse than 0.02/4.
    expect(groupsOf(chosenBy('loss-per-latency', [a, b, c], { aim: 95 }))).toEqual(['a']);
  });

  it('among cuts that are harmless within noise, prefers the one that takes away most', () => {
    const noise = lossNoiseNats(REFERENCE.nullProposal);
    const small = proposal('small', 97, [0.9, 0.295], [0]);
    const large = proposal('large', 88, [0.9, 0.3 + 0.9 * noise], [1]);
    expect(groupsOf(chosenBy('loss-per-latency', [b, small, large], { maxChosen: 3 }))).toEqual(
      ['large', 'small', 'b'].filter((group) => group !== 'b'),
    );
  });

  it('falls back to the order of groups between equals', () => {
    const twin = { ...a, group: 'twin' };
    expect(groupsOf(chosenBy('accuracy', [a, twin]))).toEqual(['a']);
    expect(groupsOf(chosenBy('accuracy', [twin, a]))).toEqual(['twin']);
  });
});
