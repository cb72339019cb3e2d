import type { AdaptationView, MeasuredNetwork } from '../contracts/adaptation.js';

/** One line of the final comparison. */
export interface ResultRow {
  readonly name: string;
  /** What was done to get this network, in a few words. */
  readonly note: string;
  /** Decides colour and emphasis. */
  readonly role: 'seed' | 'adapted' | 'rival' | 'fair-rival' | 'macs-rival';
  readonly network: MeasuredNetwork;
}

const RIVALS: Readonly<Record<string, Pick<ResultRow, 'name' | 'role'>>> = {
  uniform: { name: 'Uniform', role: 'rival' },
  'uniform-stepped': { name: 'Uniform, stepped', role: 'fair-rival' },
  'netadapt-macs': { name: 'NetAdapt by MACs', role: 'macs-rival' },
};

/** A network that the adapted one is compared with. */
export function isRival({ role }: ResultRow): boolean {
  return role !== 'seed' && role !== 'adapted';
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
    rows.push({
      ...(RIVALS[baseline.name] ?? { name: baseline.name, role: 'rival' }),
      note:
        baseline.multiplier === null
          ? `${baseline.iterations ?? 0} iterations driven by MACs`
          : `all widths × ${Number(baseline.multiplier.toFixed(3))}`,
      network: baseline.network,
    });
  }
  return rows;
}

/** The test set decides where it was read; before that, the holdout. */
export function shownEvaluation(network: MeasuredNetwork): MeasuredNetwork['test'] {
  return network.test ?? network.holdout;
}
