import type { Op } from '../ops/op.js';

/** A network's image has up to four channels; they are no width that anything shrinks. */
const IMAGE_CHANNELS = 4;

/**
 * The channel counts of an op that a width can change, in a fixed order: input, then output, filters, units or squeeze.
 * Empty for ops whose channels are tied in ways of their own: grouped convolutions, concatenations, flattening.
 */
export function readWidths(op: Op): readonly number[] {
  switch (op.kind) {
    case 'conv2d':
      if (op.groups > 1) return [];
      return op.input[2] <= IMAGE_CHANNELS ? [op.filters] : [op.input[2], op.filters];
    case 'dense':
      return [op.inputs, op.units];
    case 'squeezeExcite':
      return [op.input[2], op.squeeze];
    case 'concat':
    case 'flatten':
      return [];
    default:
      return [op.input[2]];
  }
}

/** The same op with other channel counts, as many as `readWidths` reads. */
export function withWidths(op: Op, widths: readonly number[]): Op {
  const [first, second] = widths;
  if (first === undefined) return op;
  switch (op.kind) {
    case 'conv2d': {
      if (second === undefined) return { ...op, filters: first };
      return { ...op, input: [op.input[0], op.input[1], first], filters: second };
    }
    case 'dense':
      return { ...op, inputs: first, units: second! };
    case 'squeezeExcite':
      return { ...op, input: [op.input[0], op.input[1], first], squeeze: second! };
    case 'concat':
    case 'flatten':
      return op;
    default:
      return { ...op, input: [op.input[0], op.input[1], first] };
  }
}
