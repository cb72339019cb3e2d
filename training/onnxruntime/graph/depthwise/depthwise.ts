import { activationRule } from '../activations/activation-rules.js';
import { epilogue, productScale, timesFactor } from '../epilogue.js';
import type { FeatureMap } from '../feature-map.js';
import type { LayerContext } from '../layer-context.js';
import type { WindowedLayer } from '../layers.js';
import { chooseProducts } from './choose-products.js';

/**
 * Depthwise convolution, batch norm where there is one, activation: Z = X ∗ W + b. With dZ = f·D, f for each channel:
 *
 *     dW = f·(X ⋆ D)      db = f·Σ D      dX = D ⋆ (f·W)
 */
export function depthwise(context: LayerContext, layer: WindowedLayer, x: FeatureMap): FeatureMap {
  const { ops, tape, parameters, batch } = context;
  const { node, geometry } = layer;
  const rule = activationRule(layer.activation, layer.output);
  const outputScale = productScale(layer, rule);
  const [height, width] = geometry.output;
  const shape = {
    batch,
    channels: x.channels,
    input: [x.height, x.width] as const,
    output: geometry.output,
    kernel: node.kernel,
    stride: node.stride,
    pads: geometry.pads,
  };
  const products = chooseProducts(context, shape, {
    x: x.tensor,
    kernel: parameters.matrix(`${node.id}/kernel`),
    forwardScale: x.scale / outputScale,
  });

  const product = products.forward();
  const z = node.bias
    ? ops.add(product, ops.scaled(parameters.matrix(`${node.id}/bias`), 1 / outputScale))
    : product;
  const { tensor, scale, backward } = epilogue(context, layer, rule, z, batch * height * width);
  const output: FeatureMap = { ...x, tensor, scale, height, width, needsGradient: true };

  tape.onBackward(() => {
    const dz = backward(tape.gradientOf(output));
    const dW = ops.scaled(products.kernelGradient(dz.rows), x.scale);
    parameters.setGradient(`${node.id}/kernel`, timesFactor(ops, dW, dz));
    if (node.bias) {
      const sums = ops.sum(dz.rows, [1], true);
      parameters.setGradient(`${node.id}/bias`, timesFactor(ops, sums, dz));
    }
    if (!x.needsGradient) return;
    tape.addGradient(x, { kind: 'dense', tensor: products.inputGradient(dz.rows, dz.factor) });
  });
  return output;
}
