import type { AdaptationView } from '../../contracts/adaptation.js';
import type { Environment } from '../../contracts/environment.js';

/** One op of a network, in execution order, as the estimate reports it. */
export interface OpShare {
  readonly key: string;
  /** How often the network holds this op. */
  readonly count: number;
  /** Of all `count` occurrences together; null when the table lacks the op. */
  readonly latencyMs: number | null;
}

/** Everything the report shows; `report.json` is this document. */
export interface ReportData {
  readonly lutraVersion: string;
  readonly generatedAtMs: number;
  /** Wall time of the whole run, null when the run was followed from elsewhere. */
  readonly wallMs: number | null;
  readonly adaptation: AdaptationView;
  readonly device: { readonly name: string; readonly environment: Environment | null };
  /** Ids of the width groups that may not shrink: the image's channels, the classes. */
  readonly frozenGroups: readonly string[];
  readonly ops: { readonly seed: readonly OpShare[]; readonly final: readonly OpShare[] };
}
