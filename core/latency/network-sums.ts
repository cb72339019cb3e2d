import type { Op } from '../ops/op.js';
import { decodeOpKey } from '../ops/op-key.js';
import { opOutputBytes, opOutputShape, opParamBytes } from '../ops/op-macs.js';
import type { MemoryCost } from './fit-latency.js';
import type { MemoryPrices } from './memory-curve.js';
import { OTHER_WORK_BYTES, type TimingTarget } from './timing-target.js';

/** What of a network's latency is a sum over its ops. */
export interface NetworkSums extends OpMemory {
  /** Of op latencies, each timed with its data in the caches. */
  readonly opNs: number;
}

/** Memory that executions of ops touch. */
export interface OpMemory {
  /** Weights of convolutions, each used for many pixels: they arrive while the op computes. */
  readonly reusedBytes: number;
  /** Used once an inference: weights of fully connected layers, code of kernels and what the runtime knows of them. */
  readonly onceBytes: number;
  /** Maps that ops write. */
  readonly mapBytes: number;
  /** What `reusedBytes` cost within the ops' own latencies, or hidden behind them: nanoseconds. */
  readonly reusedPaidNs: number;
  /** What `onceBytes` cost within the ops' own latencies: nanoseconds. */
  readonly oncePaidNs: number;
}

export const NO_MEMORY: OpMemory = {
  reusedBytes: 0,
  onceBytes: 0,
  mapBytes: 0,
  reusedPaidNs: 0,
  oncePaidNs: 0,
};
export const NO_SUMS: NetworkSums = { opNs: 0, ...NO_MEMORY };

/** `sums` and so many executions of an op. */
export function addSums(sums: NetworkSums, op: NetworkSums, count = 1): NetworkSums {
  return {
    opNs: sums.opNs + count * op.opNs,
    reusedBytes: sums.reusedBytes + count * op.reusedBytes,
    onceBytes: sums.onceBytes + count * op.onceBytes,
    mapBytes: sums.mapBytes + count * op.mapBytes,
    reusedPaidNs: sums.reusedPaidNs + count * op.reusedPaidNs,
    oncePaidNs: sums.oncePaidNs + count * op.oncePaidNs,
  };
}

/** Weights arrive while a convolution computes as long as a byte costs no more than this many times the nearest cache's. */
const HIDDEN = 2;

/** What a kernel touches of code and of the runtime's records: found on two kinds of host (decision 0016). */
const KERNEL_BYTES = { computing: 22 * 1024, elementwise: 11 * 1024 } as const;

/** Of the nearest cache's price: what the reading itself takes of the core, and code that ran a moment ago does not. */
const READING = 0.5;

/** @throws LutraError `invalid-op-key` */
export function opMemory(key: string, prices: MemoryPrices): OpMemory {
  const op = decodeOpKey(key);
  const weightBytes = opParamBytes(op);
  const mapBytes = mapsWritten(op) * opOutputBytes(op);
  const { computing, elementwise } = kernelsOf(op);
  const kernelBytes = computing * KERNEL_BYTES.computing + elementwise * KERNEL_BYTES.elementwise;
  const alone = prices.at(weightBytes + mapBytes + kernelBytes, 0);
  const kernelsPaidNs = kernelBytes * READING * prices.nearest;
  if (isOverPixels(op)) {
    const reusedPaidNs = weightBytes * Math.max(alone, HIDDEN * prices.nearest);
    return {
      reusedBytes: weightBytes,
      onceBytes: kernelBytes,
      mapBytes,
      reusedPaidNs,
      oncePaidNs: kernelsPaidNs,
    };
  }
  const oncePaidNs = weightBytes * alone + kernelsPaidNs;
  return { reusedBytes: 0, onceBytes: weightBytes + kernelBytes, mapBytes, reusedPaidNs: 0, oncePaidNs };
}

function isOverPixels(op: Op): boolean {
  if (op.kind !== 'conv2d' && op.kind !== 'depthwise') return false;
  const [height, width] = opOutputShape(op);
  return height * width > 1;
}

/** onnxruntime computes convolutions in a layout of blocks, and a gate's product outside it: there, product, and back. */
function mapsWritten({ kind }: Op): number {
  return kind === 'squeezeExcite' ? 3 : 1;
}

/**
 * Kernels of an op as onnxruntime executes them; a test counts the nodes of its optimised graphs. `computing`: convolutions and
 * matrix products; `elementwise`: means, sums, activations, changes of layout or element type.
 */
export function kernelsOf(op: Op): { readonly computing: number; readonly elementwise: number } {
  switch (op.kind) {
    case 'conv2d':
    case 'depthwise':
    case 'dense': {
      const isSwish = op.activation === 'hswish';
      if (op.dtype === 'float32')
        return { computing: 1, elementwise: op.kind === 'dense' && isSwish ? 2 : 0 };
      const isSum = op.kind !== 'dense' && op.residual;
      // Out of bytes, an h-sigmoid, a product, and back.
      return { computing: 1, elementwise: (isSum ? 1 : 0) + (isSwish ? 4 : 0) };
    }
    case 'squeezeExcite':
      // The mean, the gate's activation and product, and the changes around them.
      return { computing: 2, elementwise: 5 };
    default:
      return { computing: 0, elementwise: 1 };
  }
}

/** A byte that costs more than so many times what it costs in the last-level cache comes from beyond. */
const BEYOND = 1.5;

/** What a byte costs a network: nanoseconds. */
export interface NetworkPrices {
  /** Of weights and kernels. */
  readonly usedAgain: number;
  /** The same where none came from beyond the caches. */
  readonly usedAgainWithin: number;
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
  const usedAgain = target === 'cold' ? prices.at(bytes + OTHER_WORK_BYTES, 0) : prices.at(bytes, sums.opNs);
  return {
    usedAgain,
    usedAgainWithin: Math.min(usedAgain, BEYOND * prices.lastLevel),
    map: Math.max(0, prices.at(bytes, 0) - prices.lastLevel),
  };
}

/** All that is touched from one use of a byte to the next. */
function footprintBytes({ reusedBytes, onceBytes, mapBytes }: OpMemory): number {
  return reusedBytes + onceBytes + mapBytes;
}

/** What the memory of some ops of a network costs there beyond what they, timed alone, have paid. */
export function memoryCost(ops: OpMemory, { usedAgain, usedAgainWithin, map }: NetworkPrices): MemoryCost {
  const reusedNs = reusedAt(ops, usedAgain);
  const mapNs = ops.mapBytes * map;
  return {
    onceNs: ops.onceBytes * usedAgain - ops.oncePaidNs,
    streamedNs: reusedNs + mapNs,
    beyondNs:
      ops.onceBytes * (usedAgain - usedAgainWithin) + reusedNs - reusedAt(ops, usedAgainWithin) + mapNs,
  };
}

function reusedAt({ reusedBytes, reusedPaidNs }: OpMemory, price: number): number {
  return Math.max(0, reusedBytes * price - reusedPaidNs);
}
