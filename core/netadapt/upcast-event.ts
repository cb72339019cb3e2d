import type { RunEvent } from './run-event.js';

/** Before budgets named other resources, these events spoke of the latency on the run's one device. */
type LatencyEvent = {
  readonly targetMs?: number;
  readonly estimateMs?: number;
  readonly proposals?: readonly { readonly estimateMs: number }[];
};

/**
 * An event as it was stored, by this version or an earlier one, in the form of this one: runs in progress survive an upgrade.
 * @param device the run's first
 */
export function upcastEvent(stored: { readonly type: string }, device: string): RunEvent {
  if (stored.type === 'proposed' && 'targetMs' in stored) {
    const { targetMs: target, proposals = [], ...rest } = stored as LatencyEvent;
    return {
      ...rest,
      resource: { kind: 'latency', device },
      target,
      proposals: proposals.map(({ estimateMs: estimate, ...proposal }) => ({ ...proposal, estimate })),
    } as unknown as RunEvent;
  }
  if (stored.type === 'chosen' && 'estimateMs' in stored) {
    const { estimateMs: estimate, ...rest } = stored as LatencyEvent;
    return { ...rest, estimate } as unknown as RunEvent;
  }
  return stored as RunEvent;
}
