import type { PoolNode } from '../../../../core/network/network.js';
import type { WindowGeometry } from '../../../../core/network/window-geometry.js';
import { chooseProducts } from '../depthwise/choose-products.js';
import type { FeatureMap } from '../feature-map.js';
import type { LayerContext } from '../layer-context.js';
import { withUnitScale } from '../unit-scale.js';

/**
 * Mean under a window: a depthwise convolution with kernels of ones, times 1 / pixels under the window. Padding does
 * not count, so that factor differs along the border: y = n ∘ (x ∗ 1), dx = (n ∘ dy) ⋆ 1.
 */
export function avgPool(
  context: LayerContext,
  node: PoolNode,
  geometry: WindowGeometry,
  input: FeatureMap,
): FeatureMap {
  const { ops, tape, batch } = context;
  const x = withUnitScale(context, input);
  const { output: extent, pads } = geometry;
  const extents = [x.height, x.width] as const;
  const taps = node.kernel[0] * node.kernel[1];
  const products = chooseProducts(
    context,
    {
      batch,
      channels: x.channels,
      input: extents,
      output: extent,
      kernel: node.kernel,
      stride: node.stride,
      pads,
    },
    { x: x.tensor, kernel: ops.filled([x.channels, taps], 1), forwardScale: 1 },
  );
  const shares = sharesOfWindows(node, geometry, extents);
  const pixels = batch * shares.length;
  const factor = ops.graph.initializer(
    [1, pixels],
    Float32Array.from({ length: pixels }, (_, i) => shares[i % shares.length]!),
  );
  const tensor = ops.mul(products.forward(), factor);
  const output: FeatureMap = { ...x, tensor, height: extent[0], width: extent[1] };
  tape.onBackward(() => {
    if (!x.needsGradient) return;
    const shared = ops.mul(tape.gradientOf(output), factor);
    tape.addGradient(x, { kind: 'dense', tensor: products.inputGradient(shared, null) });
  });
  return output;
}

/** 1 / pixels of the map under each position of the window, row by row. */
function sharesOfWindows(
  { kernel, stride }: PoolNode,
  { output, pads }: WindowGeometry,
  [height, width]: readonly [height: number, width: number],
): number[] {
  const covered = (position: number, axis: 0 | 1, pad: number, size: number) => {
    const first = position * stride[axis] - pad;
    return Math.min(first + kernel[axis], size) - Math.max(first, 0);
  };
  return Array.from({ length: output[0] * output[1] }, (_, i) => {
    const rows = covered(Math.floor(i / output[1]), 0, pads[0], height);
    return 1 / (rows * covered(i % output[1], 1, pads[3], width));
  });
}
