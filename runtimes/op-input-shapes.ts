import type { Shape } from '../core/network/network.js';
import type { Op } from '../core/ops/op.js';
import { opOutputShape } from '../core/ops/op-macs.js';

/** Shapes `[height, width, channels]` of all tensors that an op reads, in its order. */
export function opInputShapes(op: Op): readonly Shape[] {
  switch (op.kind) {
    case 'concat':
      return op.inputs;
    case 'dense':
      return [[1, 1, op.inputs]];
    case 'conv2d':
    case 'depthwise':
      return op.residual ? [op.input, opOutputShape(op)] : [op.input];
    case 'add':
      return [op.input, op.input];
    case 'mul':
      return [op.input, op.spread ? [1, 1, op.input[2]] : op.input];
    default:
      return [op.input];
  }
}
