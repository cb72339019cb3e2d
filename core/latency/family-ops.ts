import type { Network } from '../network/network.js';
import { fuse } from '../ops/fuse.js';
import type { DType, Op } from '../ops/op.js';
import { encodeOpKey } from '../ops/op-key.js';
import { readWidths, withWidths } from './op-widths.js';

/**
 * Every op that a network can come to have when its widths shrink in steps: each op at every combination of its own
 * widths. Classes stay as they are.
 * @param network at its widest
 * @param step the device's channel step, or another one; widths that are no multiples of it are kept beside those that are
 * @returns op keys, each once
 */
export function familyOps(network: Network, step: number, dtype: DType = 'float32'): readonly string[] {
  const fused = fuse(network, dtype);
  const keys = new Set<string>();
  fused.forEach(({ op }, position) => {
    const isLast = position === fused.length - 1;
    for (const widths of combinations(axes(op, step, isLast))) keys.add(encodeOpKey(withWidths(op, widths)));
  });
  return [...keys];
}

/** Widths of each axis, widest first. */
function axes(op: Op, step: number, isLast: boolean): readonly (readonly number[])[] {
  const widths = readWidths(op);
  return widths.map((width, axis) => (isLast && axis === widths.length - 1 ? [width] : shrunk(width, step)));
}

function shrunk(width: number, step: number): readonly number[] {
  const widths = [width];
  for (let narrower = Math.ceil(width / step - 1) * step; narrower > 0; narrower -= step)
    widths.push(narrower);
  return widths;
}

function combinations(axes: readonly (readonly number[])[]): readonly (readonly number[])[] {
  return axes.reduce<readonly (readonly number[])[]>(
    (known, widths) => known.flatMap((before) => widths.map((width) => [...before, width])),
    [[]],
  );
}
