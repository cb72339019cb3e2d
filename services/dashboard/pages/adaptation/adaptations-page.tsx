import type { AdaptationList } from '../../../../contracts/http/adaptations.js';
import { useResource } from '../../api/resource.js';
import { Failure } from '../../parts/failure.js';
import { PageHead } from '../../parts/page-head.js';
import { AdaptationsCard } from '../overview/adaptations-card.js';
import { StartCard } from './start-card.js';

/** Every adaptation, and the form that starts one. */
export function AdaptationsPage() {
  const { data, error } = useResource<AdaptationList>(
    '/adaptations?limit=50',
    ({ kind }) => kind === 'adaptation',
  ).value;
  return (
    <>
      <PageHead title="Adaptations" beside="Shape a network to a latency budget, measured on a device." />
      {error !== null && <Failure error={error} />}
      <div class="columns">
        <AdaptationsCard adaptations={data?.adaptations ?? null} all />
        <StartCard />
      </div>
    </>
  );
}
