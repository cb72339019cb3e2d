import type { LayerContext } from '../layer-context.js';
import { blockedProducts } from './blocked.js';
import type { DepthwiseOperands, DepthwiseProducts } from './depthwise-products.js';
import type { DepthwiseShape } from './depthwise-shape.js';
import { rowWindowProducts } from './row-windows.js';
import { toeplitzProducts } from './toeplitz.js';

/** Products of input and output pixels up to which a whole map is one Toeplitz product. */
const MOST_TOEPLITZ_PRODUCTS = 800;
/** Height up to which that holds for kernels of 5 and more, whose direct convolution costs more. */
const MOST_TOEPLITZ_HEIGHT = 7;

/** The fastest way for each of the three products, by the extents of the map and by what the machine offers. */
export function chooseProducts(
  context: LayerContext,
  shape: DepthwiseShape,
  operands: DepthwiseOperands,
): DepthwiseProducts {
  if (isSmall(shape)) return toeplitzProducts(context, shape, operands);
  const windows = rowWindowProducts(context, shape, windowRows(shape), operands);
  if (context.block === 0) return windows;
  const blocked = blockedProducts(context, shape, operands);
  const strided = shape.stride[0] > 1 || shape.stride[1] > 1;
  if (!strided) return blocked;
  // A strided dx by direct convolution would multiply mostly zeros.
  const back = rowWindowProducts(context, shape, 1, operands);
  return { ...blocked, inputGradient: back.inputGradient };
}

function isSmall({ input, output, kernel }: DepthwiseShape): boolean {
  const products = input[0] * input[1] * output[0] * output[1];
  if (products <= MOST_TOEPLITZ_PRODUCTS) return true;
  return kernel[0] >= 5 && input[0] <= MOST_TOEPLITZ_HEIGHT && input[1] <= MOST_TOEPLITZ_HEIGHT;
}

/** Rows of a window: more rows share more of what they read, and multiply more zeros. */
function windowRows({ output }: DepthwiseShape): number {
  return Math.min(output[0], 2);
}
