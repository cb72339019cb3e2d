import type { ReadonlySignal } from '@preact/signals';
import type { AdaptationView } from '../../../contracts/adaptation.js';
import { type Concerns, type Resource, useResource } from './resource.js';

/** A run under way counts the steps of its trainings, which tell of themselves as jobs, and not whose they are. */
const countsJobs: Concerns<AdaptationView> = ({ kind, type }, run) =>
  kind === 'job' && type === 'progress' && (run?.status === 'queued' || run?.status === 'running');

/** A run, with how far it is now. */
export function useAdaptation(id: string): ReadonlySignal<Resource<AdaptationView>> {
  return useResource<AdaptationView>(
    `/adaptations/${encodeURIComponent(id)}`,
    ({ kind, ref }) => kind === 'adaptation' && ref === id,
    { slowly: countsJobs },
  );
}
