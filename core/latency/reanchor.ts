/**
 * Latency of a network that differs a little from one that was measured whole: the measurement, scaled by the ratio
 * of their sums of ops. For one shrunk layer it is off by less than 1 %, where a calibrated sum is off by 2 to 3.
 * @param measuredMs the known network, whole
 * @param knownSumNs its sum of ops
 * @param candidateSumNs the other network's sum of ops
 * @returns milliseconds
 */
export function reanchoredMs(measuredMs: number, knownSumNs: number, candidateSumNs: number): number {
  return (measuredMs * candidateSumNs) / knownSumNs;
}
