import type { MeasuredNetwork } from '../../contracts/adaptation.js';
import type { TrainedWeights } from '../../core/netadapt/course/standing.js';
import type { Evaluation } from '../../core/netadapt/evaluation.js';
import type { MeasuredLatency } from '../../core/netadapt/run-event.js';
import { countMacs } from '../../core/network/macs.js';
import type { Network } from '../../core/network/network.js';
import { countParams } from '../../core/network/params.js';
import { widthGroups } from '../../core/network/width-groups.js';

const LEVEL = 0.95;

interface Facts {
  readonly measured: MeasuredLatency;
  readonly estimateMs?: number | null;
  readonly trained: TrainedWeights | null;
  readonly test?: Evaluation | null;
}

/** A network and what is known of it, as reports show it. */
export function measuredNetwork(
  network: Network,
  { measured, estimateMs = null, trained, test = null }: Facts,
): MeasuredNetwork {
  return {
    networkHash: measured.networkHash,
    widths: Object.fromEntries(widthGroups(network).map(({ id, width }) => [id, width])),
    macs: countMacs(network),
    params: countParams(network),
    estimateMs,
    latencyMs: measured.latencyMs,
    interval: { lowMs: measured.lowMs, highMs: measured.highMs, level: LEVEL },
    weights: trained?.weights ?? null,
    holdout: trained?.holdout ?? null,
    test,
  };
}
