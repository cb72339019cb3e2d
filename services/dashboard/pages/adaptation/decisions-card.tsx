import { useSignal } from '@preact/signals';
import { chosenText } from '../../../../charts/text/chosen-text.js';
import { cutText } from '../../../../charts/text/cuts-text.js';
import { percent, points } from '../../../../charts/text/figures.js';
import { groupLabel } from '../../../../charts/text/group-label.js';
import type { LatencyUnit } from '../../../../charts/text/latency-unit.js';
import { rankingText } from '../../../../charts/text/ranking-text.js';
import type { AdaptationView, IterationView, ProposalView } from '../../../../contracts/adaptation.js';
import { Card } from '../../parts/card.js';
import { Empty } from '../../parts/empty.js';
import { TableFrame } from '../../parts/table-frame.js';

/** Why each proposal was taken, the latest iteration first. */
export function DecisionsCard({ run, unit }: { readonly run: AdaptationView; readonly unit: LatencyUnit }) {
  return (
    <Card title="Decisions" aside={`taken: ${rankingText(run.request)}`}>
      {run.iterations.length === 0 && (
        <Empty title="No proposals yet">
          An iteration tries to shrink every group of channels, one at a time.
        </Empty>
      )}
      <ol class="rows">
        {run.iterations.toReversed().map((iteration) => (
          <li key={iteration.index}>
            <IterationRow iteration={iteration} unit={unit} />
          </li>
        ))}
      </ol>
    </Card>
  );
}

function IterationRow({
  iteration,
  unit,
}: {
  readonly iteration: IterationView;
  readonly unit: LatencyUnit;
}) {
  const chosen = iteration.proposals.filter((proposal) => proposal.chosen);
  const evaluated = iteration.proposals.filter(({ holdout }) => holdout !== null).length;
  return (
    <>
      <div class="row-head">
        <span>
          <strong>{iteration.index + 1}</strong>{' '}
          {chosenText(iteration, `${evaluated} of ${iteration.proposals.length} proposals evaluated`)}
        </span>
        <span class="figure">
          {iteration.network?.latencyMs == null ? '' : unit.format(iteration.network.latencyMs)}
        </span>
      </div>
      {chosen.length > 0 && <p class="row-note">{whyWords(iteration, chosen)}</p>}
      {iteration.proposals.length > 0 && <ProposalsOf iteration={iteration} unit={unit} />}
    </>
  );
}

/** All that an iteration tried; written out once someone looks: a long run has thousands. */
function ProposalsOf({ iteration, unit }: { readonly iteration: IterationView; readonly unit: LatencyUnit }) {
  const open = useSignal(false);
  const { length } = iteration.proposals;
  return (
    <details
      onToggle={(event) => {
        open.value = event.currentTarget.open;
      }}
    >
      <summary class="small">
        {length} proposal{length === 1 ? '' : 's'}
      </summary>
      {open.value && (
        <TableFrame label="Proposals of the iteration">
          <table>
            <thead>
              <tr>
                <th>Group</th>
                <th class="number">width</th>
                <th class="number">estimate, {unit.name}</th>
                <th class="number">holdout</th>
                <th class="number">score</th>
                <th />
              </tr>
            </thead>
            <tbody>
              {iteration.proposals.toSorted(byVerdict).map((proposal) => (
                <tr key={proposal.group} class={proposal.chosen ? 'strong' : ''}>
                  <th scope="row">{groupLabel(proposal.group)}</th>
                  <td class="number">
                    {proposal.widthBefore} → {proposal.width}
                    {proposal.also.length === 0 ? '' : ` with ${proposal.also.map(cutText).join(', ')}`}
                  </td>
                  <td class="number">
                    {proposal.estimateMs === null ? '–' : unit.figure(proposal.estimateMs)}
                  </td>
                  <td class="number">
                    {proposal.holdout === null ? '–' : percent(proposal.holdout.accuracy)}
                  </td>
                  <td class="number">{proposal.score === null ? '–' : proposal.score.toPrecision(3)}</td>
                  <td>{proposal.chosen ? 'chosen' : (proposal.failure ?? '')}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
    </details>
  );
}

function whyWords(iteration: IterationView, chosen: readonly ProposalView[]): string {
  const ranked = iteration.proposals.filter(({ score }) => score !== null).length;
  const first = chosen[0]!;
  const accuracy =
    first.holdout === null || iteration.nullProposal === null
      ? ''
      : `, ${points(first.holdout.accuracy - iteration.nullProposal.accuracy)} points beside the uncut network`;
  return `best of ${ranked} by score${first.score === null ? '' : ` (${first.score.toPrecision(3)})`}${accuracy}`;
}

/** Chosen first, then by loss, failures last. */
function byVerdict(a: ProposalView, b: ProposalView): number {
  if (a.chosen !== b.chosen) return a.chosen ? -1 : 1;
  const lossOf = ({ holdout }: ProposalView) => holdout?.calibratedLossNats ?? Number.POSITIVE_INFINITY;
  return lossOf(a) === lossOf(b) ? 0 : lossOf(a) - lossOf(b);
}
