/**
 * Whether two latencies of one device differ by no more than its A/A noise: then nothing says that they differ at all.
 * @param noise as a share of a latency, here of the larger one
 */
export function indistinguishable(aMs: number, bMs: number, noise: number): boolean {
  return Math.abs(aMs - bMs) <= noise * Math.max(aMs, bMs);
}
