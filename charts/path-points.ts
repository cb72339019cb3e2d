import type { AdaptationView, MeasuredNetwork } from '../contracts/adaptation.js';
import { type ResultRow, resultRows, shownEvaluation } from './result-rows.js';
import { cutsText } from './text/cuts-text.js';
import { percent } from './text/figures.js';
import type { LatencyUnit } from './text/latency-unit.js';

/** A network's place between latency and accuracy. */
export interface Point {
  readonly latencyMs: number;
  readonly accuracy: number;
  readonly title: string;
}

/** Every proposal that was evaluated, at its estimated latency; those of iterations that reduced something else have none. */
export function proposalPoints(view: AdaptationView, unit: LatencyUnit): readonly Point[] {
  return view.iterations.flatMap((iteration) =>
    iteration.proposals.flatMap((proposal) =>
      proposal.holdout === null || proposal.estimateMs === null
        ? []
        : [
            {
              latencyMs: proposal.estimateMs,
              accuracy: proposal.holdout.accuracy,
              title:
                `Iteration ${iteration.index + 1}, ${cutsText(proposal)}: ` +
                `estimate ${unit.format(proposal.estimateMs)}, holdout ${percent(proposal.holdout.accuracy)}`,
            },
          ],
    ),
  );
}

/** The seed and the network that each iteration chose, at their measured latencies. */
export function chosenPoints(view: AdaptationView, unit: LatencyUnit): readonly Point[] {
  const stations: { readonly name: string; readonly network: MeasuredNetwork }[] = [];
  if (view.seed !== null) stations.push({ name: 'Seed', network: view.seed });
  for (const iteration of view.iterations) {
    if (iteration.network !== null)
      stations.push({ name: `Iteration ${iteration.index + 1}`, network: iteration.network });
  }
  return stations.flatMap(({ name, network }) =>
    network.latencyMs === null || network.holdout === null
      ? []
      : [
          {
            latencyMs: network.latencyMs,
            accuracy: network.holdout.accuracy,
            title: `${name}: measured ${unit.format(network.latencyMs)}, holdout ${percent(network.holdout.accuracy)}`,
          },
        ],
  );
}

/** The adapted network last: where marks lie upon each other, it is the one to be seen. */
export function placedRows(view: AdaptationView): readonly ResultRow[] {
  const rows = resultRows(view).filter(
    ({ network }) => network.latencyMs !== null && shownEvaluation(network) !== null,
  );
  const isAdapted = (row: ResultRow) => row.role === 'adapted';
  return [...rows.filter((row) => !isAdapted(row)), ...rows.filter(isAdapted)];
}

/** Of a row that {@link placedRows} kept. */
export function accuracyOf(row: ResultRow): number {
  return shownEvaluation(row.network)!.accuracy;
}
