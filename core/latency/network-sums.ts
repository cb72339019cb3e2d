import { decodeOpKey } from '../ops/op-key.js';
import { opOutputBytes, opParamBytes } from '../ops/op-macs.js';
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
  return { weightBytes: opParamBytes(op), mapBytes: opOutputBytes(op) };
}

/**
 * What a network pays for memory that its ops, timed alone, did not: an op that runs over and over keeps its weights and
 * maps in the caches; a network has touched everything else between two uses of them. It reads its weights and writes
 * its maps once an inference, each byte at the price that the host's curve has for the whole footprint: all weights, and
 * half of the maps, because the memory of dead maps is used again. After other work the weights come from beyond all
 * caches, whatever the footprint.
 *
 * Found on MobileNetV1, V2, V3-Small and V3-Large at 96 to 224 px: docs/fidelity.md.
 * @param excess nanoseconds a byte by footprint in bytes: `memoryExcess`
 */
export function memoryNs(
  { weightBytes, mapBytes }: OpMemory,
  excess: (footprintBytes: number) => number,
  target: TimingTarget,
): number {
  const atFootprint = excess(weightBytes + mapBytes / 2);
  const ofWeights = target === 'cold' ? excess(Number.POSITIVE_INFINITY) : atFootprint;
  return weightBytes * ofWeights + mapBytes * atFootprint;
}
