import type { OpShare } from '../../charts/op-share.js';
import type { AdaptationView } from '../../contracts/adaptation.js';
import type { Environment } from '../../contracts/environment.js';

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
