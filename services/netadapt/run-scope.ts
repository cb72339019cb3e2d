import type { Logger } from 'pino';
import type { AdaptationRequest } from '../../contracts/adaptation.js';
import type { BlobStore } from '../../db/blob-store.js';
import type { LatencyTableCache } from '../../db/load-latency-table.js';
import type { Database } from '../../db/open-database.js';
import type { JobQueue } from '../../queue/job-queue.js';

/** What all runs of an orchestrator share. */
export interface OrchestratorContext {
  readonly db: Database;
  readonly queue: JobQueue;
  readonly blobs: BlobStore;
  readonly tables: LatencyTableCache;
  readonly logger: Logger;
  /** How often to look whether a job has finished. */
  readonly pollMs: number;
}

/** What carrying out one command of a run needs. */
export interface RunScope extends OrchestratorContext {
  readonly adaptationId: string;
  /** Complete. */
  readonly request: Required<AdaptationRequest>;
  /**
   * The command's identity among jobs: equal after every crash, so that a job is never done twice; another one after a
   * failure that ended the run.
   */
  readonly jobKey: string;
  /** Fires when the run is cancelled, failed or lost. */
  readonly signal: AbortSignal;
}
