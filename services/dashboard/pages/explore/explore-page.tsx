import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Candidate } from '../../../../contracts/candidate.js';
import type { DeviceList } from '../../../../contracts/http/device-view.js';
import type { EstimateAnswer } from '../../../../contracts/http/estimate.js';
import type { InspectView } from '../../../../contracts/http/inspect.js';
import type { ZooList } from '../../../../contracts/http/zoo-view.js';
import { sendJson } from '../../api/client.js';
import { useResource } from '../../api/resource.js';
import { Card } from '../../parts/card.js';
import { Failure } from '../../parts/failure.js';
import { PageHead } from '../../parts/page-head.js';
import { route, setQuery } from '../../router.js';
import { CandidateCard } from './candidate-card.js';
import { EstimatesCard } from './estimates-card.js';
import { MacsCard } from './macs-card.js';
import { SharesCard } from './shares-card.js';

interface Answer {
  readonly inspected: InspectView;
  readonly estimates: EstimateAnswer['estimates'];
}

/** A slider moves faster than answers come. */
const SETTLE_MS = 60;

/** What a network would take on every device, before anything is measured. */
export function ExplorePage() {
  const zoo = useResource<ZooList>('/zoo').value;
  const devices = useResource<DeviceList>('/devices', ({ kind }) => kind === 'device').value;
  const candidate = useSignal<Candidate>(candidateOf(route.peek().query));
  const answer = useSignal<Answer | null>(null);
  const failure = useSignal<Error | null>(null);
  const names = devices.data?.devices.map(({ name }) => name) ?? [];
  const namesKey = names.join('\n');
  useEffect(() => {
    const ended = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const wanted = candidate.value;
        const [inspected, estimated] = await Promise.all([
          sendJson<InspectView>('POST', '/inspect', { candidate: wanted }, ended.signal),
          names.length === 0
            ? { estimates: [] }
            : sendJson<EstimateAnswer>(
                'POST',
                '/estimate',
                { devices: names.slice(0, 16), candidates: [wanted] },
                ended.signal,
              ),
        ]);
        answer.value = { inspected, estimates: estimated.estimates };
        failure.value = null;
      } catch (error) {
        if (!ended.signal.aborted) failure.value = error as Error;
      }
    }, SETTLE_MS);
    return () => {
      clearTimeout(timer);
      ended.abort();
    };
  }, [candidate.value, namesKey]);
  const error = zoo.error ?? devices.error;
  return (
    <>
      <PageHead
        title="Explore"
        beside="What a network would take, from the tables. Nothing is measured here."
      />
      {error !== null && <Failure error={error} />}
      <div class="columns explore">
        <div class="stack">
          <EstimatesCard estimates={answer.value?.estimates ?? null} candidate={candidate.value} />
          <SharesCard estimates={answer.value?.estimates ?? []} />
          {'zoo' in candidate.value && names[0] !== undefined && (
            <MacsCard devices={names} candidate={candidate.value} zoo={zoo.data?.networks ?? []} />
          )}
        </div>
        <div class="stack">
          <CandidateCard
            zoo={zoo.data?.networks ?? []}
            candidate={candidate.value}
            refusal={failure.value?.message ?? null}
            onChange={(next) => {
              candidate.value = next;
              noteCandidate(next);
            }}
          />
          {answer.value !== null && <Inspected view={answer.value.inspected} />}
        </div>
      </div>
    </>
  );
}

/** What the address says, so that it can be sent to someone. */
function candidateOf(query: URLSearchParams): Candidate {
  const { zoo, ...options } = Object.fromEntries(query);
  if (zoo === undefined) return { zoo: 'mobilenet-v3-small', options: { width: 1, resolution: 96 } };
  return {
    zoo,
    options: Object.fromEntries(Object.entries(options).map(([name, value]) => [name, Number(value)])),
  };
}

/** A document is too long for an address. */
function noteCandidate(candidate: Candidate): void {
  const cleared = [...route.peek().query.keys()].map((name) => [name, null] as const);
  const options = 'zoo' in candidate ? Object.entries(candidate.options ?? {}) : [];
  setQuery({
    ...Object.fromEntries(cleared),
    ...('zoo' in candidate ? { zoo: candidate.zoo } : {}),
    ...Object.fromEntries(options.map(([name, value]) => [name, String(value)])),
  });
}

function Inspected({ view }: { readonly view: InspectView }) {
  return (
    <Card title="The network">
      <dl class="facts card-body">
        <div>
          <dt>MACs</dt>
          <dd>{(view.macs / 1e6).toFixed(1)} M</dd>
        </div>
        <div>
          <dt>Parameters</dt>
          <dd>{(view.params / 1e6).toFixed(2)} M</dd>
        </div>
        <div>
          <dt>Peak activations</dt>
          <dd>{(view.peakActivationBytes / 2 ** 20).toFixed(2)} MiB</dd>
        </div>
        <div>
          <dt>Ops</dt>
          <dd>
            {view.ops.reduce((sum, { count }) => sum + count, 0)}
            <small>{view.ops.length} different</small>
          </dd>
        </div>
      </dl>
    </Card>
  );
}
