import type { AdaptationView } from '../../contracts/adaptation.js';
import type { Database } from '../../db/open-database.js';
import { AdaptationRepository } from '../../db/repositories/adaptations.js';
import { BlobReferences } from '../../db/repositories/blob-references.js';
import { foldAdaptationView } from '../netadapt/adaptation-view.js';
import { isBeyondResuming } from './resumable.js';

/** Gives other work a turn between runs. */
type Breathe = () => Promise<void>;

/**
 * Blobs that something refers to. Of a run that goes on, or can be resumed, everything that its events and jobs name; of
 * one that is finished, or beyond resuming, the networks that it shows: seed, chosen, final, baselines. What its other
 * proposals trained is of no use to anyone.
 * @param breathe called now and then, in between of which nothing is held open
 */
export async function liveBlobs(
  db: Database,
  breathe: Breathe = async () => {},
  nowMs = Date.now(),
): Promise<ReadonlySet<string>> {
  const references = new BlobReferences(db);
  const adaptations = new AdaptationRepository(db);
  const live = new Set<string>(references.ofJobsApart());
  for (const id of references.runs()) {
    const row = adaptations.find(id);
    if (row === undefined) continue;
    const isOver = row.status === 'finished' || isBeyondResuming(row, nowMs);
    const shown = isOver ? shownBy(row, adaptations.events(id, 0)) : null;
    const named = shown ?? references.ofRun(id);
    for (const sha256 of named) live.add(sha256);
    await breathe();
  }
  return live;
}

/** Null where a run's events do not tell any more: then nothing of it is known to be of no use. */
function shownBy(...run: Parameters<typeof foldAdaptationView>): readonly string[] | null {
  try {
    return weightsOf(foldAdaptationView(...run));
  } catch {
    return null;
  }
}

function weightsOf({ request, seed, iterations, final, baselines }: AdaptationView): readonly string[] {
  const networks = [
    seed,
    final,
    ...iterations.map(({ network }) => network),
    ...baselines.map(({ network }) => network),
  ];
  return [request.weights, ...networks.map((network) => network?.weights)].filter((hash) => hash != null);
}
