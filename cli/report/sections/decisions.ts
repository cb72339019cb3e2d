import { element, escapeMarkup } from '../../../charts/markup.js';
import { amountText } from '../../../charts/text/amount-text.js';
import { chosenText } from '../../../charts/text/chosen-text.js';
import { cutText } from '../../../charts/text/cuts-text.js';
import { percent } from '../../../charts/text/figures.js';
import { groupLabel } from '../../../charts/text/group-label.js';
import { rankingText } from '../../../charts/text/ranking-text.js';
import type { AdaptationView, IterationView, ProposalView } from '../../../contracts/adaptation.js';
import { lossNoiseNats } from '../../../core/netadapt/loss-noise.js';
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
    element(
      'p',
      { class: 'lead' },
      escapeMarkup(`Each iteration kept the proposal with ${rankingText(data.adaptation.request)}.`),
    ),
    summaryTable(context),
    fold(
      'All proposals, iteration by iteration',
      data.adaptation.iterations
        .filter(({ proposals }) => proposals.length > 0)
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
      chosenText(iteration, 'nothing yet'),
      amountText(iteration.resource, iteration.target, data.adaptation.request.device, unit),
      iteration.network?.latencyMs == null ? '–' : unit.figure(iteration.network.latencyMs),
      iteration.network?.holdout == null ? '–' : percent(iteration.network.holdout.accuracy),
    ]),
    { stacked: true },
  );
}

function proposalTable(iteration: IterationView, { data, unit }: ReportContext): string {
  const sorted = [...iteration.proposals].sort(byVerdict);
  const noiseMs = noiseFor(iteration, data.adaptation);
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
      [`${proposal.widthBefore} → ${proposal.width}`, ...proposal.also.map(cutText)].join(' with '),
      amountText(iteration.resource, proposal.estimate, data.adaptation.request.device, unit),
      proposal.holdout === null ? '–' : percent(proposal.holdout.accuracy),
      proposal.holdout === null ? '–' : proposal.holdout.calibratedLossNats.toFixed(4),
      proposal.score === null ? '–' : proposal.score.toPrecision(3),
      verdict(proposal, iteration, noiseMs),
    ]),
    { rowClass: (index) => (sorted[index]!.chosen ? 'chosen' : undefined) },
  );
}

/** What two estimates must differ by to say anything; 0 where they are counted. */
function noiseFor({ index, resource }: IterationView, { reach, seed, iterations }: AdaptationView): number {
  if (resource.kind !== 'latency') return 0;
  const from = index === 0 ? seed : iterations[index - 1]?.network;
  const { noise = 0 } = reach.find(({ device }) => device === resource.device) ?? {};
  return noise * (from?.latencies[resource.device ?? '']?.latencyMs ?? 0);
}

/** A proposal that saves as much as the leader within noise and evaluates alike might as well have been taken. */
function verdict(
  proposal: ProposalView,
  { proposals, nullProposal }: IterationView,
  noiseMs: number,
): string {
  if (proposal.chosen) return 'chosen';
  if (proposal.failure !== null) return proposal.failure;
  const { holdout } = proposal;
  if (holdout === null || nullProposal === null) return '';
  const alike = proposals.some(
    (other) =>
      other.chosen &&
      other.holdout !== null &&
      Math.abs(other.estimate - proposal.estimate) <= noiseMs &&
      Math.abs(other.holdout.calibratedLossNats - holdout.calibratedLossNats) <= lossNoiseNats(nullProposal),
  );
  return alike ? 'indistinguishable from a chosen one' : '';
}

/** Chosen first, then the evaluated by loss, failures last. */
function byVerdict(a: ProposalView, b: ProposalView): number {
  if (a.chosen !== b.chosen) return a.chosen ? -1 : 1;
  const lossOf = (proposal: ProposalView) => proposal.holdout?.calibratedLossNats ?? Number.POSITIVE_INFINITY;
  const [lossA, lossB] = [lossOf(a), lossOf(b)];
  return lossA === lossB ? 0 : lossA - lossB;
}
