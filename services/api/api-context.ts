import type { BlobStore } from '../../db/blob-store.js';
import type { LatencyTableCache } from '../../db/load-latency-table.js';
import type { Database } from '../../db/open-database.js';
import type { AdaptationRepository } from '../../db/repositories/adaptations.js';
import type { ChangeLog } from '../../db/repositories/changes.js';
import type { DeviceRepository } from '../../db/repositories/devices.js';
import type { JobRepository } from '../../db/repositories/jobs.js';
import type { LatencyTableRepository } from '../../db/repositories/latency-table.js';
import type { NetworkRepository } from '../../db/repositories/networks.js';
import type { TableProvenanceRepository } from '../../db/repositories/table-provenance.js';
import type { TokenRepository } from '../../db/repositories/tokens.js';
import type { JobQueue } from '../../queue/job-queue.js';
import type { AdaptationViews } from '../netadapt/adaptation-views.js';
import type { Metrics } from './metrics.js';

/** What the routes work with. */
export interface ApiContext {
  readonly db: Database;
  readonly queue: JobQueue;
  readonly blobs: BlobStore;
  readonly jobs: JobRepository;
  readonly devices: DeviceRepository;
  readonly networks: NetworkRepository;
  readonly adaptations: AdaptationRepository;
  readonly adaptationViews: AdaptationViews;
  readonly tableRows: LatencyTableRepository;
  readonly changes: ChangeLog;
  readonly provenance: TableProvenanceRepository;
  readonly tokens: TokenRepository;
  /** Tables in memory, reloaded when they changed. */
  readonly tables: LatencyTableCache;
  readonly metrics: Metrics;
  /** Folders whose data sets callers with a token may name. */
  readonly datasetFolders: readonly string[];
  /** Aborted when the api shuts down: open event streams end. */
  readonly closing: AbortSignal;
}
