import type { AdaptationRepository } from '../../db/repositories/adaptations.js';

/** Takes a run that nobody owns to this status, as its orchestrator would. */
export function driveTo(
  adaptations: AdaptationRepository,
  id: string,
  status: 'running' | 'finished' | 'failed' | 'cancelled',
): void {
  const token = adaptations.claimOwnership(id, 'test', 60_000)!;
  adaptations.begin(id, token);
  if (status === 'cancelled') adaptations.requestCancel(id);
  if (status !== 'running') adaptations.end(id, token, status);
  adaptations.release(id, token);
}
