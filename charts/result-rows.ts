import type { AdaptationView, MeasuredNetwork } from '../contracts/adaptation.js';

/** One line of the final comparison. */
export interface ResultRow {
  readonly name: string;
  /** What was done to get this network, in a few words. */
  readonly note: string;
  /** Decides colour and emphasis. */
  readonly role: 'seed' | 'adapted' | 'rival' | 'fair-rival';
  readonly network: MeasuredNetwork;
}

/**
 * The networks that a run compares, the seed first. A seed with the same final training replaces the seed as first
 * trained, since only equal training makes accuracies comparable.
 */
export function resultRows(view: AdaptationView): readonly ResultRow[] {
  const rows: ResultRow[] = [];
  const trainedSeed = view.baselines.find((baseline) => baseline.name === 'seed');
  if (trainedSeed !== undefined) {
    rows.push({
      name: 'Seed',
      note: 'uncut, same final training',
      role: 'seed',
      network: trainedSeed.network,
    });
  } else if (view.seed !== null) {
    rows.push({ name: 'Seed', note: 'uncut, as first trained', role: 'seed', network: view.seed });
  }
  if (view.final !== null) {
    rows.push({
      name: 'NetAdapt',
      note: `${view.iterations.filter((iteration) => iteration.network !== null).length} iterations`,
      role: 'adapted',
      network: view.final,
    });
  }
  for (const baseline of view.baselines) {
    if (baseline.name === 'seed') continue;
    const stepped = baseline.name === 'uniform-stepped';
    rows.push({
      name: stepped ? 'Uniform, stepped' : baseline.name === 'uniform' ? 'Uniform' : baseline.name,
      note: `all widths × ${Number(baseline.multiplier.toFixed(3))}`,
      role: stepped ? 'fair-rival' : 'rival',
      network: baseline.network,
    });
  }
  return rows;
}

/** The test set decides where it was read; before that, the holdout. */
export function shownEvaluation(network: MeasuredNetwork): MeasuredNetwork['test'] {
  return network.test ?? network.holdout;
}
