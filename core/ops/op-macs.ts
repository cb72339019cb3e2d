import type { Shape } from '../network/network.js';
import { windowGeometry } from '../network/window-geometry.js';
import type { Conv2dOp, DepthwiseOp, Op, PoolOp } from './op.js';

/** A quantised layer's biases are added to its sums, which are wider than its weights. */
const BYTES_PER_PARAM = { float32: { weights: 4, biases: 4 }, int8: { weights: 1, biases: 4 } } as const;

/** Multiply-accumulates of one execution, counted as `countMacs` counts a network's. */
export function opMacs(op: Op): number {
  switch (op.kind) {
    case 'conv2d':
    case 'depthwise': {
      const [height, width, filters] = opOutputShape(op);
      return height * width * filters * kernelElements(op);
    }
    case 'squeezeExcite':
      return 2 * op.input[2] * op.squeeze;
    case 'dense':
      return op.inputs * op.units;
    default:
      return 0;
  }
}

/**
 * Bytes of weights that one execution reads, batch norm folded: a folded convolution or dense layer has a bias for every
 * output channel, an unfolded batch norm a scale and a shift.
 */
export function opParamBytes(op: Op): number {
  const { weights, biases } = opParams(op);
  const bytes = BYTES_PER_PARAM[op.dtype];
  return weights * bytes.weights + biases * bytes.biases;
}

/** Bytes of the map that one execution writes. */
export function opOutputBytes(op: Op): number {
  const [height, width, channels] = opOutputShape(op);
  return height * width * channels * BYTES_PER_PARAM[op.dtype].weights;
}

/** Shape `[height, width, channels]` of an op's result. */
export function opOutputShape(op: Op): Shape {
  switch (op.kind) {
    case 'conv2d':
      return [...slide(op), op.filters];
    case 'depthwise':
    case 'avgPool':
    case 'maxPool':
      return [...slide(op), op.input[2]];
    case 'globalAvgPool':
      return [1, 1, op.input[2]];
    case 'dense':
      return [1, 1, op.units];
    case 'flatten':
      return [1, 1, op.input[0] * op.input[1] * op.input[2]];
    case 'concat': {
      const [height, width] = op.inputs[0]!;
      return [height, width, op.inputs.reduce((sum, shape) => sum + shape[2], 0)];
    }
    default:
      return op.input;
  }
}

/** Parameters that one execution reads, batch norm folded. */
export function opParams(op: Op): { readonly weights: number; readonly biases: number } {
  switch (op.kind) {
    case 'conv2d':
      return { weights: op.filters * kernelElements(op), biases: op.filters };
    case 'depthwise':
      return { weights: op.input[2] * kernelElements(op), biases: op.input[2] };
    case 'squeezeExcite':
      return { weights: 2 * op.input[2] * op.squeeze, biases: op.squeeze + op.input[2] };
    case 'dense':
      return { weights: op.units * op.inputs, biases: op.units };
    case 'batchNorm':
      return { weights: op.input[2], biases: op.input[2] };
    default:
      return { weights: 0, biases: 0 };
  }
}

/** Weights that make one element of the result. */
function kernelElements(op: Conv2dOp | DepthwiseOp): number {
  const inputsPerGroup = op.kind === 'depthwise' ? 1 : op.input[2] / op.groups;
  return op.kernel[0] * op.kernel[1] * inputsPerGroup;
}

function slide(op: Conv2dOp | DepthwiseOp | PoolOp): readonly [height: number, width: number] {
  return windowGeometry(op.input, op.kernel, op.stride, op.padding).output;
}
