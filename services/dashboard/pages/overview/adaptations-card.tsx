import { change } from '../../../../charts/text/figures.js';
import type { AdaptationSummary } from '../../../../contracts/http/adaptations.js';
import { useAdaptation } from '../../api/adaptation.js';
import { AdaptationBadge } from '../../parts/badge.js';
import { candidateName } from '../../parts/candidate-name.js';
import { Card } from '../../parts/card.js';
import { Empty } from '../../parts/empty.js';
import { Latency } from '../../parts/latency.js';
import { Progress } from '../../parts/progress.js';
import { Ago } from '../../parts/time.js';
import { href } from '../../router.js';

/** Adaptations, those under way with how far they are. */
export function AdaptationsCard({
  adaptations,
  all = false,
}: {
  readonly adaptations: readonly AdaptationSummary[] | null;
  /** Whether these are all that there are. */
  readonly all?: boolean;
}) {
  return (
    <Card title="Adaptations" aside={all ? '' : <a href={href(['adaptations'])}>All, start one</a>}>
      {adaptations?.length === 0 && (
        <Empty title="None yet">
          An adaptation shrinks a network to a latency budget, measured on a device.
          <code class="command">lutra quickstart</code>
        </Empty>
      )}
      <ul class="rows">
        {adaptations?.map((summary) => (
          <AdaptationRow key={summary.id} summary={summary} />
        ))}
      </ul>
    </Card>
  );
}

function AdaptationRow({ summary }: { readonly summary: AdaptationSummary }) {
  const { data } = useAdaptation(summary.id).value;
  const under = summary.status === 'running' || summary.status === 'queued';
  const latest =
    data?.final ?? data?.iterations.findLast(({ network }) => network !== null)?.network ?? data?.seed;
  const seedMs = data?.seed?.latencyMs ?? null;
  const latestMs = latest?.latencyMs ?? null;
  return (
    <li>
      <div class="row-head">
        <a class="row-name" href={href(['adaptations', summary.id])}>
          {data === null ? summary.id : candidateName(data.request.candidate)}
        </a>
        {under && data !== null && data.progress.total > 0 ? (
          <span class="figure">{Math.floor((100 * data.progress.done) / data.progress.total)}&nbsp;%</span>
        ) : (
          <AdaptationBadge status={summary.status} />
        )}
      </div>
      {under && (
        <Progress
          done={data?.progress.done ?? 0}
          total={data?.progress.total ?? 0}
          label="Progress of the adaptation"
        />
      )}
      <div class="row-note">
        <span>on {summary.device}</span>
        {latestMs !== null && (
          <span>
            <Latency latencyMs={latestMs} />
            {seedMs !== null && latestMs !== seedMs && ` (${change(seedMs, latestMs)})`}
          </span>
        )}
        {under ? <span>{data?.progress.note}</span> : <Ago atMs={summary.updatedAtMs} />}
      </div>
    </li>
  );
}
