import { median, quantile } from './quantile.js';
import { classifyVisits, type ProbeVisits } from './visit-values.js';

/** What lies further above a visit's median is one long interruption, not the network's usual company. */
const CLIP_NS = 150_000;
/** Visits above this quantile are left out of the mean. */
const KEPT_SHARE = 0.8;

/**
 * The latency that a user feels: the mean over runs, short interruptions included, which every run longer than half a
 * millisecond has on a shared machine and the fastest run of a visit has not. Samples are clipped at their visit's
 * median + 150 µs; the fifth of the visits with the highest means is left out.
 * @returns nanoseconds
 */
export function clippedMean(probe: ProbeVisits): number {
  const visits = classifyVisits(probe);
  const used = probe.visitsNs.filter((_, visit) => visits[visit]!.used);
  const means = used.map((samplesNs) => {
    const mostNs = median(samplesNs) + CLIP_NS;
    return samplesNs.reduce((sum, ns) => sum + Math.min(ns, mostNs), 0) / samplesNs.length;
  });
  const highest = quantile(means, KEPT_SHARE);
  const kept = means.filter((mean) => mean <= highest);
  return kept.reduce((sum, mean) => sum + mean, 0) / kept.length;
}
