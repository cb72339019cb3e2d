import type { MeasuredNetwork } from '../../contracts/adaptation.js';
import type { TrainedWeights } from '../../core/netadapt/course/standing.js';
import type { Evaluation } from '../../core/netadapt/evaluation.js';
import type { MeasuredLatency } from '../../core/netadapt/run-event.js';
import { contentHash } from '../../core/network/content-hash.js';
import { countMacs } from '../../core/network/macs.js';
import { peakActivationBytes } from '../../core/network/memory.js';
import type { Network } from '../../core/network/network.js';
import { countParams } from '../../core/network/params.js';
import { widthGroups } from '../../core/network/width-groups.js';

const LEVEL = 0.95;

interface Facts {
  /** By device. */
  readonly measured: ReadonlyMap<string, MeasuredLatency>;
  /** Of the latency on `device`. */
  readonly estimateMs?: number | null;
  readonly trained: TrainedWeights | null;
  readonly test?: Evaluation | null;
}

/**
 * A network and what is known of it, as reports show it.
 * @param device the request's
 */
export function measuredNetwork(
  network: Network,
  device: string,
  { measured, estimateMs = null, trained, test = null }: Facts,
): MeasuredNetwork {
  const latencies = Object.fromEntries(
    [...measured].map(([name, { latencyMs, ...ends }]) => [name, { latencyMs, interval: intervalOf(ends) }]),
  );
  const { latencyMs, interval } = latencies[device]!;
  return {
    networkHash: contentHash(network),
    widths: Object.fromEntries(widthGroups(network).map(({ id, width }) => [id, width])),
    macs: countMacs(network),
    params: countParams(network),
    peakActivationBytes: peakActivationBytes(network),
    estimateMs,
    latencyMs,
    interval,
    latencies,
    weights: trained?.weights ?? null,
    holdout: trained?.holdout ?? null,
    test,
  };
}

export function intervalOf({ lowMs, highMs }: Pick<MeasuredLatency, 'lowMs' | 'highMs'>): {
  readonly lowMs: number;
  readonly highMs: number;
  readonly level: number;
} {
  return { lowMs, highMs, level: LEVEL };
}
