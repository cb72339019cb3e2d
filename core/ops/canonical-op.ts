import { canonicalPadding } from './canonical-padding.js';
import type { Conv2dOp, DepthwiseOp, Op, PoolOp } from './op.js';

/**
 * One spelling for ops of equal meaning: see {@link canonicalPadding}; a convolution that filters every channel on its
 * own is `depthwise` from 2 channels up and `conv2d` with one group for a single channel; a product with a map of one
 * position is not spread. The same object when there is nothing to change.
 */
export function canonicalOp(op: Op): Op {
  switch (op.kind) {
    case 'conv2d':
    case 'depthwise':
      return canonicalConv(canonicalWindow(op));
    case 'avgPool':
    case 'maxPool':
      return canonicalWindow(op);
    case 'mul':
      return op.spread && op.input[0] === 1 && op.input[1] === 1 ? { ...op, spread: false } : op;
    default:
      return op;
  }
}

function canonicalConv(op: Conv2dOp | DepthwiseOp): Op {
  const channels = op.input[2];
  if (op.kind === 'depthwise') {
    return channels === 1 ? { ...op, kind: 'conv2d', filters: 1, groups: 1 } : op;
  }
  if (op.groups === 1 || op.groups !== channels || op.groups !== op.filters) return op;
  const { filters: _filters, groups: _groups, ...rest } = op;
  return { ...rest, kind: 'depthwise' };
}

function canonicalWindow<T extends Conv2dOp | DepthwiseOp | PoolOp>(op: T): T {
  const padding = canonicalPadding(op.input, op.kernel, op.stride, op.padding);
  return padding === op.padding ? op : { ...op, padding };
}
