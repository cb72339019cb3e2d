import { element, escapeMarkup } from '../../../charts/markup.js';
import { amountText } from '../../../charts/text/amount-text.js';
import { percent } from '../../../charts/text/figures.js';
import { groupLabel } from '../../../charts/text/group-label.js';
import type { IterationView, ProposalView } from '../../../contracts/adaptation.js';
import { dataTable } from '../data-table.js';
import { fold, section } from '../figure-block.js';
import type { ReportContext } from '../report-context.js';

/** The log: what each iteration asked for, what was proposed, what was taken and why. */
export function decisions(context: ReportContext): string {
  const { data } = context;
  if (data.adaptation.iterations.length === 0) return '';
  return section(
    'decisions',
    'Decisions',
    element('p', { class: 'lead' }, escapeMarkup(rankingSentence(data.adaptation.request.ranking))),
    summaryTable(context),
    fold(
      'All proposals, iteration by iteration',
      data.adaptation.iterations
        .map((iteration) =>
          fold(
            `Iteration ${iteration.index + 1}: ${iteration.proposals.length} proposals`,
            proposalTable(iteration, context),
          ),
        )
        .join(''),
    ),
  );
}

function rankingSentence(ranking: string | undefined): string {
  switch (ranking) {
    case 'accuracy':
      return 'Each iteration kept the proposal with the highest holdout accuracy, as NetAdapt was published.';
    case 'accuracy-per-latency':
      return 'Each iteration kept the proposal with the best change of accuracy for its reduction of latency, as MobileNetV3 does.';
    default:
      return (
        'Each iteration kept the proposals that cost the least calibrated holdout loss for each millisecond saved, ' +
        'against the uncut network after the same fine-tuning (the null proposal).'
      );
  }
}

function summaryTable({ data, unit }: ReportContext): string {
  return dataTable(
    'What each iteration chose',
    [
      { title: 'iteration' },
      { title: 'cut' },
      { title: 'target', numeric: true },
      { title: `measured (${unit.name})`, numeric: true },
      { title: 'holdout', numeric: true },
    ],
    data.adaptation.iterations.map((iteration) => [
      String(iteration.index + 1),
      chosenWords(iteration),
      amountText(iteration.resource, iteration.target, data.adaptation.request.device, unit),
      iteration.network?.latencyMs == null ? '–' : unit.figure(iteration.network.latencyMs),
      iteration.network?.holdout == null ? '–' : percent(iteration.network.holdout.accuracy),
    ]),
    { stacked: true },
  );
}

function chosenWords(iteration: IterationView): string {
  const chosen = iteration.proposals.filter((proposal) => proposal.chosen);
  if (chosen.length === 0) return 'nothing yet';
  return chosen
    .map(({ group, widthBefore, width }) => `${groupLabel(group)}: ${widthBefore}\u00a0→\u00a0${width}`)
    .join('; ');
}

function proposalTable(iteration: IterationView, { data, unit }: ReportContext): string {
  const sorted = [...iteration.proposals].sort(byVerdict);
  return dataTable(
    `Proposals of iteration ${iteration.index + 1}`,
    [
      { title: 'width group' },
      { title: 'width', numeric: true },
      { title: 'estimate', numeric: true },
      { title: 'holdout', numeric: true },
      { title: 'calibrated loss', numeric: true },
      { title: 'score', numeric: true },
      { title: 'verdict' },
    ],
    sorted.map((proposal) => [
      groupLabel(proposal.group),
      `${proposal.widthBefore} → ${proposal.width}`,
      amountText(iteration.resource, proposal.estimate, data.adaptation.request.device, unit),
      proposal.holdout === null ? '–' : percent(proposal.holdout.accuracy),
      proposal.holdout === null ? '–' : proposal.holdout.calibratedLossNats.toFixed(4),
      proposal.score === null ? '–' : proposal.score.toPrecision(3),
      proposal.chosen ? 'chosen' : (proposal.failure ?? ''),
    ]),
    { rowClass: (index) => (sorted[index]!.chosen ? 'chosen' : undefined) },
  );
}

/** Chosen first, then the evaluated by loss, failures last. */
function byVerdict(a: ProposalView, b: ProposalView): number {
  if (a.chosen !== b.chosen) return a.chosen ? -1 : 1;
  const lossOf = (proposal: ProposalView) => proposal.holdout?.calibratedLossNats ?? Number.POSITIVE_INFINITY;
  const [lossA, lossB] = [lossOf(a), lossOf(b)];
  return lossA === lossB ? 0 : lossA - lossB;
}
