/**
 * A table `waiting`: waiting jobs, each with how many of its queue come `ahead`. Higher priority goes first, and among
 * equals earlier turns of submitters, counted from what runs and waits now.
 * @param condition which unfinished jobs count; whole queues
 */
export function waitingInTurn(condition = 'true'): string {
  return `
    unfinished AS (
      SELECT id, queue, device, priority, seq, status, row_number() OVER (
        PARTITION BY queue, priority, coalesce(adaptation_id, submitted_by) ORDER BY seq) AS turn
      FROM job WHERE status <> 'finished' AND ${condition}),
    waiting AS (
      SELECT id, device, priority, seq,
        row_number() OVER (PARTITION BY queue ORDER BY priority DESC, turn, seq) - 1 AS ahead
      FROM unfinished WHERE status = 'queued')`;
}
