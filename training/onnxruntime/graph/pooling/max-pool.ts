import type { PoolNode } from '../../../../core/network/network.js';
import type { WindowGeometry } from '../../../../core/network/window-geometry.js';
import type { FeatureMap } from '../feature-map.js';
import type { LayerContext } from '../layer-context.js';
import { withUnitScale } from '../unit-scale.js';

/**
 * Maximum under a window. The operator also yields where each maximum stood, as positions in the whole tensor; dx adds
 * every dy up at its position.
 */
export function maxPool(
  context: LayerContext,
  node: PoolNode,
  geometry: WindowGeometry,
  input: FeatureMap,
): FeatureMap {
  const { ops, tape, batch } = context;
  const x = withUnitScale(context, input);
  const [height, width] = geometry.output;
  const [top, right, bottom, left] = geometry.pads;
  const maps = x.channels * batch;
  const [maxima, positions] = ops.outputsOf(
    'MaxPool',
    [ops.reshape(x.tensor, [1, maps, x.height, x.width])],
    2,
    {
      kernel_shape: { ints: node.kernel },
      strides: { ints: node.stride },
      pads: { ints: [top, left, bottom, right] },
    },
  ) as [string, string];
  const tensor = ops.reshape(maxima, [x.channels, batch * height * width]);
  const output: FeatureMap = { ...x, tensor, height, width };
  tape.onBackward(() => {
    if (!x.needsGradient) return;
    const elements = maps * x.height * x.width;
    const scattered = ops.node(
      'ScatterElements',
      [
        ops.filled([elements], 0),
        ops.reshape(positions, [maps * height * width]),
        ops.reshape(tape.gradientOf(output), [maps * height * width]),
      ],
      { reduction: { string: 'add' }, axis: { int: 0 } },
    );
    const dx = ops.reshape(scattered, [x.channels, batch * x.height * x.width]);
    tape.addGradient(x, { kind: 'dense', tensor: dx });
  });
  return output;
}
