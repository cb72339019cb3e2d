import { percent } from '../../charts/text/figures.js';
import type { FidelityReportView, FidelityView } from '../../contracts/http/fidelity.js';
import { costWords, type MeasuringCost } from '../measuring/measuring-cost.js';
import type { Unmeasured } from '../measuring/unmeasured.js';
import { terminalTable } from '../text/terminal-table.js';
import { leftText } from './left-text.js';

/** A report, with what the command did for it. */
export interface FidelityResult extends FidelityReportView {
  /** Ops and networks that got no figure. */
  readonly left: readonly Unmeasured[];
  readonly cost: MeasuringCost;
}

export function fidelityResultText(result: FidelityResult): string {
  const left = leftText('ops and networks', result.left);
  return [
    fidelityText(result),
    `Measured in ${costWords(result.cost)}.`,
    ...(left.length === 0 ? [] : [left.join('\n')]),
  ].join('\n\n');
}

/** A report as a table, with what its figures mean. */
export function fidelityText(report: FidelityReportView): string {
  const { device, target, family, calibrated, raw, repeated, intervalCoverage, incomplete } = report;
  const rows = terminalTable(
    [
      { title: '' },
      { title: 'mean error', numeric: true },
      { title: 'largest', numeric: true },
      { title: 'within 5 %', numeric: true },
      { title: 'within 10 %', numeric: true },
      { title: 'Kendall tau', numeric: true },
    ],
    [fidelityRow('calibrated', calibrated), fidelityRow('plain sum of ops', raw)],
  );
  const noise =
    repeated === null
      ? 'No network was measured twice: the noise of the measurements themselves is not known.'
      : `The same networks measured twice: ${percent(repeated.meanDeviation, 1)} apart on average, ${percent(repeated.maxDeviation, 1)} at most.`;
  const left = incomplete === 0 ? '' : ` ${incomplete} left out: the table lacks ops of theirs.`;
  return [
    `${family} on ${device} (${target}): ${calibrated.networks} networks that had no part in the calibration.${left}`,
    rows,
    `${percent(intervalCoverage, 0)} were measured within the 95 % interval of their estimate. ${noise}`,
  ].join('\n\n');
}

/** One line for pages that show more than the report. */
export function fidelityLine({ family, target, calibrated, repeated }: FidelityReportView): string {
  const tau = calibrated.kendallTau === null ? '' : `, Kendall tau ${calibrated.kendallTau.toFixed(2)}`;
  const noise =
    repeated === null ? '' : `; measured twice they are ${percent(repeated.meanDeviation, 1)} apart`;
  return (
    `Fidelity (${target}) on ${calibrated.networks} held-out networks, ${family}: ` +
    `${percent(calibrated.meanAbsoluteError, 1)} off on average, ${percent(calibrated.within5Percent, 0)} within ±5 %, ` +
    `${percent(calibrated.within10Percent, 0)} within ±10 %${tau}${noise}.`
  );
}

function fidelityRow(name: string, fidelity: FidelityView): string[] {
  const { meanAbsoluteError, maxAbsoluteError, within5Percent, within10Percent, kendallTau } = fidelity;
  return [
    name,
    percent(meanAbsoluteError, 1),
    percent(maxAbsoluteError, 1),
    percent(within5Percent, 0),
    percent(within10Percent, 0),
    kendallTau === null ? '–' : kendallTau.toFixed(2),
  ];
}
