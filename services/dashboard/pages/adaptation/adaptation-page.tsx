import { resultRows } from '../../../../charts/result-rows.js';
import { change, compactCount, percent, points } from '../../../../charts/text/figures.js';
import { latencyUnit } from '../../../../charts/text/latency-unit.js';
import type { AdaptationView } from '../../../../contracts/adaptation.js';
import { useAdaptation } from '../../api/adaptation.js';
import { sendJson } from '../../api/client.js';
import { ActionButton } from '../../parts/action-button.js';
import { AdaptationBadge } from '../../parts/badge.js';
import { candidateName } from '../../parts/candidate-name.js';
import { Card } from '../../parts/card.js';
import { CopyButton } from '../../parts/copy-button.js';
import { Failure } from '../../parts/failure.js';
import { LackingPage } from '../../parts/lacking-page.js';
import { PageHead } from '../../parts/page-head.js';
import { Progress } from '../../parts/progress.js';
import { Ago } from '../../parts/time.js';
import { href } from '../../router.js';
import { BudgetCard } from './budget-card.js';
import { DecisionsCard } from './decisions-card.js';
import { DeviationCard } from './deviation-card.js';
import { DownloadCard } from './download-card.js';
import { PathCard } from './path-card.js';
import { ResultsCard } from './results-card.js';
import { WidthsCard } from './widths-card.js';

/** One run: how far it is, what it tried, what it chose and why. */
export function AdaptationPage({ id }: { readonly id: string }) {
  const { data: run, error } = useAdaptation(id).value;
  if (run === null) return <LackingPage title={id} error={error} />;
  const act = (what: 'cancel' | 'resume') => () => sendJson('POST', `/adaptations/${run.id}/${what}`);
  const isOver = run.status === 'finished' || run.status === 'failed' || run.status === 'cancelled';
  const unit = latencyUnit(
    Math.max(
      run.seed?.latencyMs ?? 0,
      run.budgetMs ?? 0,
      ...resultRows(run).map(({ network }) => network.latencyMs ?? 0),
    ),
  );
  return (
    <>
      <PageHead
        crumb={<a href={href(['adaptations'])}>Adaptations</a>}
        title={candidateName(run.request.candidate)}
        beside={
          <>
            <AdaptationBadge status={run.status} /> on{' '}
            <a href={href(['devices', run.request.device])}>{run.request.device}</a>, started{' '}
            <Ago atMs={run.createdAtMs} />
          </>
        }
        actions={
          <>
            <CopyButton text={`curl -s ${location.origin}/adaptations/${run.id}`}>Copy as curl</CopyButton>
            {!isOver && <ActionButton act={act('cancel')}>Cancel</ActionButton>}
            {(run.status === 'failed' || run.status === 'cancelled') && (
              <ActionButton primary act={act('resume')}>
                Resume
              </ActionButton>
            )}
          </>
        }
      />
      {error !== null && <Failure error={error} />}
      {run.error !== null && (
        <p class="notice bad" role="status">
          {run.error.message}
        </p>
      )}
      <div class="stack">
        <Card title={isOver ? 'Outcome' : 'Under way'} aside={isOver ? '' : run.phase.replaceAll('-', ' ')}>
          <div class="card-body">
            <Facts run={run} unit={unit} />
            {!isOver && (
              <>
                <Progress done={run.progress.done} total={run.progress.total} label="Progress of the run" />
                <p class="row-note">{run.progress.note}</p>
              </>
            )}
          </div>
        </Card>
        <BudgetCard run={run} unit={unit} />
        <PathCard run={run} unit={unit} />
        <ResultsCard run={run} unit={unit} />
        <WidthsCard run={run} />
        <div class="columns">
          <DecisionsCard run={run} unit={unit} />
          <div class="stack">
            <DeviationCard run={run} unit={unit} />
            <DownloadCard run={run} />
          </div>
        </div>
      </div>
    </>
  );
}

function Facts({
  run,
  unit,
}: {
  readonly run: AdaptationView;
  readonly unit: ReturnType<typeof latencyUnit>;
}) {
  const latest = run.final ?? run.iterations.findLast(({ network }) => network !== null)?.network ?? run.seed;
  const seedEvaluation = run.seed?.test ?? run.seed?.holdout ?? null;
  const evaluation = latest?.test ?? latest?.holdout ?? null;
  const comparable = run.seed?.test != null && latest?.test != null ? run.seed.test : seedEvaluation;
  return (
    <dl class="facts">
      <div>
        <dt>Budget</dt>
        <dd>
          {run.budgetMs === null ? '–' : unit.format(run.budgetMs)}
          <small>
            {run.budgetMet === null ? 'not verified yet' : run.budgetMet ? 'met, by measurement' : 'not met'}
          </small>
        </dd>
      </div>
      <div>
        <dt>{run.final === null ? 'Latency so far' : 'Latency'}</dt>
        <dd>
          {latest?.latencyMs == null ? '–' : unit.format(latest.latencyMs)}
          <small>
            {run.seed?.latencyMs != null && latest?.latencyMs != null
              ? `${change(run.seed.latencyMs, latest.latencyMs)} from ${unit.format(run.seed.latencyMs)}`
              : ''}
          </small>
        </dd>
      </div>
      <div>
        <dt>{latest?.test != null ? 'Test accuracy' : 'Holdout accuracy'}</dt>
        <dd>
          {evaluation === null ? '–' : percent(evaluation.accuracy)}
          <small>
            {evaluation !== null && comparable !== null && latest !== run.seed
              ? `${points(evaluation.accuracy - comparable.accuracy)} points from the seed`
              : ''}
          </small>
        </dd>
      </div>
      <div>
        <dt>MACs</dt>
        <dd>
          {latest == null ? '–' : compactCount(latest.macs)}
          <small>{latest != null && run.seed !== null ? change(run.seed.macs, latest.macs) : ''}</small>
        </dd>
      </div>
      <div>
        <dt>Iterations</dt>
        <dd>
          {run.iterations.filter(({ network }) => network !== null).length}
          <small>{run.iterations.reduce((sum, { proposals }) => sum + proposals.length, 0)} proposals</small>
        </dd>
      </div>
    </dl>
  );
}
