import type { JobView } from '../../contracts/http/job-view.js';

/** Why an op or a network got no figure. */
export interface Reason {
  /** A failure's kind, `unstable` for a rejected session, or the outcome of the job. */
  readonly kind: string;
  readonly message: string;
}

/** An op by its key, a network by its name. */
export interface Unmeasured extends Reason {
  readonly what: string;
}

/**
 * What finished jobs say of each op and network that they have no figure for that counts, by op key or network hash.
 * Later jobs win.
 */
export function reasonsIn(jobs: readonly JobView[]): ReadonlyMap<string, Reason> {
  const reasons = new Map<string, Reason>();
  for (const { result } of jobs) {
    if (result?.kind !== 'measure') continue;
    const rows = [
      ...result.ops.map((row) => ({ ...row, id: row.key })),
      ...result.networks.map((row) => ({ ...row, id: row.networkHash })),
    ];
    for (const { id, failure, verdict, reasons: why = [] } of rows) {
      if (failure !== null) reasons.set(id, failure);
      else if (verdict === 'rejected')
        reasons.set(id, { kind: 'unstable', message: why.join('; ') || 'the session was rejected' });
      else reasons.delete(id);
    }
  }
  return reasons;
}

/** The job's own reason, for what its result does not name. */
export function reasonOfJob({ id, outcome, message }: JobView): Reason {
  if (outcome === 'ok') return { kind: 'not-counted', message: `measured by job ${id}, but ${NOT_COUNTED}` };
  return { kind: outcome ?? 'unfinished', message: message ?? `job ${id} says no more` };
}

const NOT_COUNTED = 'the table lacks an op of it, or the device has another environment by now';

/** Trying again cannot help. */
export function isFinal({ kind }: Reason): boolean {
  return kind === 'unsupported-op';
}

/** `3 × unstable (the session was rejected: see its checks)`: every kind once, with the first message of it. */
export function reasonWords(reasons: readonly Reason[]): string {
  const kinds = new Map<string, Reason[]>();
  for (const reason of reasons) kinds.set(reason.kind, [...(kinds.get(reason.kind) ?? []), reason]);
  return [...kinds].map(([kind, same]) => `${same.length} × ${kind} (${same[0]!.message})`).join(', ');
}
