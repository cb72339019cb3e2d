import type { Network } from '../../core/network/network.js';
import { invertedResidual } from '../../core/zoo/inverted-residual.js';
import { NetworkBuilder } from '../../core/zoo/network-builder.js';

/**
 * Every odd thing at once: channels that fill no block, each kernel and stride, maps from 28 down to 2.
 * @param smooth activations without kinks: two engines then stay together for many steps, where at a kink a rounding
 * error in one value of a million sends them apart
 */
export function oddNetwork(smooth = false): Network {
  const builder = new NetworkBuilder('odd');
  let output = builder.input([28, 28, 1]);
  output = builder.convBlock('stem', output, {
    filters: 7,
    kernel: 3,
    activation: smooth ? 'swish' : 'hswish',
  });
  const blocks = [
    [3, 1, 13, 7, 'relu', true],
    [5, 2, 21, 10, 'hswish', false],
    [7, 1, 13, 10, 'relu6', true],
    [3, 2, 21, 13, 'relu', false],
    [5, 1, 36, 13, 'hswish', true],
    [7, 2, 21, 7, 'relu6', false],
    [3, 2, 44, 12, 'swish', true],
    [3, 1, 21, 12, 'relu', false],
  ] as const;
  blocks.forEach(([kernel, stride, expansion, filters, activation, squeezes], index) => {
    output = invertedResidual(builder, `block${index}`, output, {
      kernel,
      stride,
      expansion,
      expands: true,
      filters,
      activation: smooth ? 'swish' : activation,
      squeezeExcite: squeezes
        ? { squeeze: 5, gate: index % 2 === 0 && !smooth ? 'hsigmoid' : 'sigmoid' }
        : null,
    });
  });
  output = builder.globalAvgPool('pool', output);
  builder.dense('logits', output, 10);
  return builder.build();
}
