import type { ActivationKind, Network } from '../../core/network/network.js';
import { parseNetwork } from '../../core/network/parse-network.js';

const square = (size: number) => [size, size] as [number, number];
const conv = (id: string, input: string, filters: number, more: object = {}) => ({
  id,
  op: 'conv2d',
  inputs: [input],
  filters,
  kernel: square(1),
  stride: square(1),
  padding: 'same',
  groups: 1,
  bias: true,
  ...more,
});
const activation = (id: string, input: string, kind: ActivationKind) => ({
  id,
  op: 'activation',
  inputs: [input],
  activation: kind,
});

/** A network that has every kind of op but grouped convolutions, a residual on a strided one, every activation, and
 * explicit padding. */
export const EVERY_OP: Network = parseNetwork({
  name: 'every op',
  nodes: [
    { id: 'image', op: 'input', inputs: [], shape: [15, 15, 3] },
    conv('stem', 'image', 12, { kernel: square(3), stride: square(2), padding: [1, 0, 0, 1] }),
    activation('stem-swish', 'stem', 'swish'),
    { id: 'lone-norm', op: 'batchNorm', inputs: ['stem-swish'], epsilon: 1e-3 },
    activation('lone-relu6', 'lone-norm', 'relu6'),
    conv('deep', 'lone-relu6', 12, { kernel: square(5), groups: 12, bias: false }),
    { id: 'deep-norm', op: 'batchNorm', inputs: ['deep'], epsilon: 1e-3 },
    activation('deep-hsigmoid', 'deep-norm', 'hsigmoid'),
    conv('project', 'deep-hsigmoid', 12),
    { id: 'residual', op: 'add', inputs: ['project', 'lone-relu6'] },
    activation('residual-hswish', 'residual', 'hswish'),
    {
      id: 'most',
      op: 'maxPool',
      inputs: ['residual-hswish'],
      kernel: square(3),
      stride: square(1),
      padding: 'same',
    },
    {
      id: 'mean',
      op: 'avgPool',
      inputs: ['residual-hswish'],
      kernel: square(3),
      stride: square(1),
      padding: 'same',
    },
    { id: 'sum', op: 'add', inputs: ['most', 'mean'] },
    { id: 'product', op: 'mul', inputs: ['sum', 'most'] },
    { id: 'joined', op: 'concat', inputs: ['product', 'mean'] },
    { id: 'pooled', op: 'globalAvgPool', inputs: ['joined'] },
    conv('gate', 'pooled', 24),
    activation('gate-sigmoid', 'gate', 'sigmoid'),
    { id: 'spread', op: 'mul', inputs: ['joined', 'gate-sigmoid'] },
    {
      id: 'half',
      op: 'maxPool',
      inputs: ['spread'],
      kernel: square(2),
      stride: square(2),
      padding: [1, 0, 0, 1],
    },
    conv('strided', 'spread', 9, { kernel: square(3), stride: square(2) }),
    conv('shortcut', 'spread', 9, { stride: square(2) }),
    { id: 'down', op: 'add', inputs: ['strided', 'shortcut'] },
    activation('down-relu', 'down', 'relu'),
    { id: 'both', op: 'concat', inputs: ['half', 'down-relu'] },
    { id: 'flat', op: 'flatten', inputs: ['both'] },
    { id: 'hidden', op: 'dense', inputs: ['flat'], units: 20, bias: true },
    activation('hidden-relu', 'hidden', 'relu'),
    { id: 'scores', op: 'dense', inputs: ['hidden-relu'], units: 7, bias: false },
    activation('shares', 'scores', 'softmax'),
  ],
});
