import type { Op } from '../ops/op.js';
import { decodeOpKey } from '../ops/op-key.js';
import { opOutputBytes, opParamBytes } from '../ops/op-macs.js';
import type { MemoryPrices } from './memory-curve.js';
import { OTHER_WORK_BYTES, type TimingTarget } from './timing-target.js';

/** What of a network's latency is a sum over its ops. */
export interface NetworkSums extends OpMemory {
  /** Of op latencies, each timed with its data in the caches. */
  readonly opNs: number;
}

/** Memory that executions of ops touch. */
export interface OpMemory {
  readonly weightBytes: number;
  /** Of the maps that ops write. */
  readonly mapBytes: number;
  /** Code of kernels, and what the runtime knows of them. */
  readonly kernelBytes: number;
  /** What weights and kernels cost within the ops' own latencies, or hidden behind them: nanoseconds. */
  readonly paidNs: number;
}

export const NO_MEMORY: OpMemory = { weightBytes: 0, mapBytes: 0, kernelBytes: 0, paidNs: 0 };
export const NO_SUMS: NetworkSums = { opNs: 0, ...NO_MEMORY };

/** `sums` and so many executions of an op. */
export function addSums(sums: NetworkSums, op: NetworkSums, count = 1): NetworkSums {
  return {
    opNs: sums.opNs + count * op.opNs,
    weightBytes: sums.weightBytes + count * op.weightBytes,
    mapBytes: sums.mapBytes + count * op.mapBytes,
    kernelBytes: sums.kernelBytes + count * op.kernelBytes,
    paidNs: sums.paidNs + count * op.paidNs,
  };
}

/**
 * Weights arrive while an op computes as long as a byte costs no more than this many times the nearest cache's, and no more
 * than the last level's.
 */
const HIDDEN = 2;

/** What a kernel touches of code and of the runtime's records: found on two kinds of host (decision 0016). */
const BYTES_PER_KERNEL = 20 * 1024;

/** @throws LutraError `invalid-op-key` */
export function opMemory(key: string, prices: MemoryPrices): OpMemory {
  const op = decodeOpKey(key);
  const weightBytes = opParamBytes(op);
  const mapBytes = mapsWritten(op) * opOutputBytes(op);
  const kernelBytes = kernelsOf(op) * BYTES_PER_KERNEL;
  const alone = prices.at(footprintBytes({ weightBytes, mapBytes, kernelBytes }), 0);
  const hidden = Math.min(HIDDEN * prices.nearest, prices.lastLevel);
  const paidNs = weightBytes * Math.max(alone, hidden) + kernelBytes * alone;
  return { weightBytes, mapBytes, kernelBytes, paidNs };
}

/** onnxruntime computes convolutions in a layout of blocks, and a gate's product outside it: there, product, and back. */
function mapsWritten({ kind }: Op): number {
  return kind === 'squeezeExcite' ? 3 : 1;
}

/** As onnxruntime executes them; a test counts the nodes of its optimised graphs. */
function kernelsOf(op: Op): number {
  // The mean, two convolutions, the gate's activation and product, and the changes of layout or element type between.
  if (op.kind === 'squeezeExcite') return 7;
  const isSwish = 'activation' in op && op.activation === 'hswish';
  const isSum = 'residual' in op && op.residual;
  // Out of bytes, an h-sigmoid, a product, and back; a sum is a kernel of its own.
  if (op.dtype === 'int8') return 1 + (isSwish ? 4 : 0) + (isSum ? 1 : 0);
  return op.kind === 'dense' && isSwish ? 3 : 1;
}

/** What a byte costs a network: nanoseconds. */
export interface NetworkPrices {
  /** Of weights and kernels. */
  readonly usedAgain: number;
  /** Of maps, beyond what ops have paid. */
  readonly map: number;
}

/**
 * An op that runs over and over keeps its weights, its maps and its kernels in the caches; a network has touched everything
 * else between two uses of them. Weights and kernels are used again one inference later, when others on the host have had
 * that long to take their place; maps are read as soon as they are written, and cost nothing more up to the last-level cache.
 * A cold inference finds weights and kernels behind other work.
 *
 * Found on MobileNetV1, V2, V3-Small and V3-Large at 96 to 224 px, on two kinds of host: docs/fidelity.md.
 * @param sums of the whole network
 */
export function networkPrices(sums: NetworkSums, prices: MemoryPrices, target: TimingTarget): NetworkPrices {
  const bytes = footprintBytes(sums);
  return {
    usedAgain: target === 'cold' ? prices.at(bytes + OTHER_WORK_BYTES, 0) : prices.at(bytes, sums.opNs),
    map: Math.max(0, prices.at(bytes, 0) - prices.lastLevel),
  };
}

/** All that is touched from one use of a byte to the next. */
function footprintBytes({ weightBytes, mapBytes, kernelBytes }: Omit<OpMemory, 'paidNs'>): number {
  return weightBytes + mapBytes + kernelBytes;
}

/** What the memory of some ops of a network costs there beyond what they, timed alone, have paid: nanoseconds. */
export function memoryNs(
  { weightBytes, mapBytes, kernelBytes, paidNs }: OpMemory,
  { usedAgain, map }: NetworkPrices,
): number {
  return Math.max(0, (weightBytes + kernelBytes) * usedAgain - paidNs) + mapBytes * map;
}
