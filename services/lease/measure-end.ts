import type { JobOutcome, MeasureResult } from '../../contracts/job.js';

/** How a measure job ends, and why if not well. */
export interface MeasureEnd {
  readonly outcome: JobOutcome;
  readonly message: string | null;
  /** The device was disturbed, the job is not to blame: another attempt may do better. */
  readonly retry: boolean;
}

/**
 * The outcome of a measure job. A network that failed decides; then a rejected session; then the job is `ok` if it
 * measured anything (single ops may fail), else it ends as its first op did.
 */
export function measureEnd(result: MeasureResult): MeasureEnd {
  const networkFailure = result.networks.find(({ failure }) => failure !== null)?.failure;
  if (networkFailure) return failed(networkFailure);
  const figures = [...result.networks, ...result.ops];
  if (figures.some(({ verdict }) => verdict === 'rejected')) {
    return { outcome: 'unstable', message: 'the session was rejected: see its checks', retry: true };
  }
  const failures = figures.flatMap(({ failure }) => failure ?? []);
  const [first] = failures;
  if (first === undefined) return { outcome: 'ok', message: null, retry: false };
  if (failures.length === figures.length) return failed(first);
  const message = `${failures.length} of ${result.ops.length} ops failed: ${first.message}`;
  return { outcome: 'ok', message, retry: false };
}

function failed({ kind, message }: { readonly kind: string; readonly message: string }): MeasureEnd {
  return { outcome: kind as JobOutcome, message, retry: false };
}
