import type { Op } from '../ops/op.js';
import { decodeOpKey } from '../ops/op-key.js';
import { opOutputBytes, opParamBytes } from '../ops/op-macs.js';
import type { MemoryExcess } from './memory-curve.js';
import type { TimingTarget } from './timing-target.js';

/** What of a network's latency is a sum over its ops. */
export interface NetworkSums {
  /** Of op latencies, each timed with its data in the caches. */
  readonly opNs: number;
  readonly weightBytes: number;
  /** Of the maps that ops write. */
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

/** onnxruntime computes convolutions in a layout of blocks, and a gate's product outside it: there, product, and back. */
function mapsWritten({ kind }: Op): number {
  return kind === 'squeezeExcite' ? 3 : 1;
}

/**
 * What a network pays for memory that its ops, timed alone, did not: an op that runs over and over keeps its weights and
 * maps in the caches; a network has touched everything else between two uses of them. Weights are used again one inference
 * later, when others on the host have had that long to take their place; maps are read as soon as they are written. Each
 * byte costs what the host's curve has for all of them together and that time, above the price in the last-level cache,
 * from where they are fetched ahead. After other work the weights come from beyond all caches, whatever the footprint.
 *
 * Found on MobileNetV1, V2, V3-Small and V3-Large at 96 to 224 px: docs/fidelity.md.
 * @param excess nanoseconds a byte: `memoryExcess`
 */
export function memoryNs(
  { opNs, weightBytes, mapBytes }: NetworkSums,
  excess: MemoryExcess,
  target: TimingTarget,
): number {
  const footprintBytes = weightBytes + mapBytes;
  const ofWeights = target === 'cold' ? excess(Number.POSITIVE_INFINITY, 0) : excess(footprintBytes, opNs);
  return weightBytes * ofWeights + mapBytes * excess(footprintBytes, 0);
}
