import { LutraError } from '../errors.js';
import type { ActivationKind, Padding, Shape } from '../network/network.js';
import { canonicalOp } from './canonical-op.js';
import { DTYPE_CODES } from './dtype-codes.js';
import type { Conv2dOp, DepthwiseOp, Op, PoolOp } from './op.js';
import { parseOpKey } from './parse-op-key.js';

/**
 * Canonical identity of an op, e.g. `conv2d:14x14x80>184:k1x1:s1x1:hswish:f32`: kind, shape, window, and what differs
 * from the usual (padding other than `same`, groups, residual add, activation), then the element type. Ops of equal
 * meaning have equal keys: see {@link canonicalOp}.
 */
export function encodeOpKey(op: Op): string {
  return formatOp(canonicalOp(op));
}

/**
 * The op of a key; `encodeOpKey(decodeOpKey(key)) === key` for every key that decodes.
 * @throws LutraError `invalid-op-key` for anything that `encodeOpKey` does not write
 */
export function decodeOpKey(key: string): Op {
  const op = parseOpKey(key);
  const canonical = encodeOpKey(op);
  if (canonical === key) return op;
  throw new LutraError('invalid-op-key', `op key "${key}": expected the canonical "${canonical}"`, {
    details: { key },
  });
}

function formatOp(op: Op): string {
  const dtype = DTYPE_CODES[op.dtype];
  switch (op.kind) {
    case 'conv2d': {
      const groups = op.groups === 1 ? '' : `:g${op.groups}`;
      return `conv2d:${dims(op.input)}>${op.filters}${window(op)}${groups}${tail(op)}:${dtype}`;
    }
    case 'depthwise':
      return `depthwise:${dims(op.input)}${window(op)}${tail(op)}:${dtype}`;
    case 'squeezeExcite':
      return `squeezeExcite:${dims(op.input)}>${op.squeeze}:${op.activation}:${op.gate}:${dtype}`;
    case 'avgPool':
    case 'maxPool':
      return `${op.kind}:${dims(op.input)}${window(op)}:${dtype}`;
    case 'dense':
      return `dense:${op.inputs}>${op.units}${suffix(op.activation)}:${dtype}`;
    case 'activation':
      return `activation:${dims(op.input)}:${op.activation}:${dtype}`;
    case 'mul':
      return `mul:${dims(op.input)}${op.spread ? ':spread' : ''}:${dtype}`;
    case 'concat': {
      const [height, width] = op.inputs[0]!;
      return `concat:${height}x${width}x${op.inputs.map((shape) => shape[2]).join('+')}:${dtype}`;
    }
    default:
      return `${op.kind}:${dims(op.input)}:${dtype}`;
  }
}

function dims(shape: Shape): string {
  return `${shape[0]}x${shape[1]}x${shape[2]}`;
}

function window({ kernel, stride, padding }: Conv2dOp | DepthwiseOp | PoolOp): string {
  return `:k${kernel[0]}x${kernel[1]}:s${stride[0]}x${stride[1]}${paddingSuffix(padding)}`;
}

function paddingSuffix(padding: Padding): string {
  if (padding === 'same') return '';
  return padding === 'valid' ? ':valid' : `:p${padding.join('.')}`;
}

function tail(op: Conv2dOp | DepthwiseOp): string {
  return `${op.residual ? ':add' : ''}${suffix(op.activation)}`;
}

function suffix(activation: ActivationKind | null): string {
  return activation === null ? '' : `:${activation}`;
}
