/**
 * Of what the anchor moves by from one session to the next, so much is a network's own and no op's, and only up to here:
 * that code has to come back, that memory is collected, that others had the caches meanwhile. An op that runs over and
 * over sees little of it. Beyond, it is the machine that is another one, for ops as well.
 */
const OWN = { share: 0.5, upTo: 1.15 } as const;

/**
 * What the latencies of ops of a session are divided by.
 * @param anchorFactor anchor latency of the session ÷ baseline, above 0
 * @see docs/decisions/0045-ops-move-half-as-much.md
 */
export function opLevel(anchorFactor: number): number {
  const own = Math.min(OWN.upTo, Math.max(1 / OWN.upTo, anchorFactor)) ** OWN.share;
  return anchorFactor / own;
}
