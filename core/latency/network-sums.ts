import type { ActivationKind } from '../network/network.js';
import type { Op } from '../ops/op.js';
import { decodeOpKey } from '../ops/op-key.js';
import { opOutputBytes, opParamBytes } from '../ops/op-macs.js';
import type { TimingTarget } from './timing-target.js';

/** What of a network's latency is a sum over its ops. */
export interface NetworkSums {
  /** Of op latencies, each timed with its data in the caches. */
  readonly opNs: number;
  readonly weightBytes: number;
  /** Of the maps that ops write, an activation's of its own counted too. */
  readonly mapBytes: number;
}

export const NO_SUMS: NetworkSums = { opNs: 0, weightBytes: 0, mapBytes: 0 };

export function addSums(a: NetworkSums, b: NetworkSums): NetworkSums {
  return {
    opNs: a.opNs + b.opNs,
    weightBytes: a.weightBytes + b.weightBytes,
    mapBytes: a.mapBytes + b.mapBytes,
  };
}

/** Memory that one execution of an op touches. */
export type OpMemory = Omit<NetworkSums, 'opNs'>;

/** @throws LutraError `invalid-op-key` */
export function opMemory(key: string): OpMemory {
  const op = decodeOpKey(key);
  return { weightBytes: opParamBytes(op), mapBytes: mapsWritten(op) * opOutputBytes(op) };
}

/** Engines clamp values as they write them; any other activation is a pass of its own, from one map to another. */
function mapsWritten(op: Op): 1 | 2 {
  if (op.kind !== 'conv2d' && op.kind !== 'depthwise' && op.kind !== 'dense') return 1;
  return op.activation === null || CLAMPS.has(op.activation) ? 1 : 2;
}

const CLAMPS: ReadonlySet<ActivationKind> = new Set(['relu', 'relu6']);

/**
 * What a network pays for memory that its ops, timed alone, did not: an op that runs over and over keeps its weights and
 * maps in the caches; a network has touched everything else between two uses of them. It reads its weights and writes
 * its maps once an inference, each byte at the price that the host's curve has for all of them together, above the price
 * in the last-level cache, from where they are fetched ahead. After other work the weights come from beyond all caches,
 * whatever the footprint.
 *
 * Found on MobileNetV2, V3-Small and V3-Large at 96 to 224 px: docs/fidelity.md.
 * @param excess nanoseconds a byte by footprint in bytes: `memoryExcess`
 */
export function memoryNs(
  { weightBytes, mapBytes }: OpMemory,
  excess: (footprintBytes: number) => number,
  target: TimingTarget,
): number {
  const atFootprint = excess(weightBytes + mapBytes);
  const ofWeights = target === 'cold' ? excess(Number.POSITIVE_INFINITY) : atFootprint;
  return weightBytes * ofWeights + mapBytes * atFootprint;
}
