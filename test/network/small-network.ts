import type { LayerNode, Network } from '../../core/network/network.js';

const pointwise = { op: 'conv2d', kernel: [1, 1], stride: [1, 1], padding: 'same', groups: 1 } as const;

/** A 6×6 network small enough to count by hand: stem, depthwise, squeeze-excite, residual, pool, classifier. */
export const smallNetwork: Network = {
  name: 'small',
  nodes: [
    { id: 'input', op: 'input', inputs: [], shape: [6, 6, 2] },
    { ...pointwise, id: 'stem', inputs: ['input'], filters: 4, kernel: [3, 3], stride: [2, 2], bias: false },
    { id: 'stem/bn', op: 'batchNorm', inputs: ['stem'], epsilon: 1e-3 },
    { id: 'stem/relu', op: 'activation', inputs: ['stem/bn'], activation: 'relu' },
    { ...pointwise, id: 'expand', inputs: ['stem/relu'], filters: 8, bias: true },
    { ...pointwise, id: 'depthwise', inputs: ['expand'], filters: 8, groups: 8, kernel: [3, 3], bias: false },
    { id: 'se/pool', op: 'globalAvgPool', inputs: ['depthwise'] },
    { ...pointwise, id: 'se/squeeze', inputs: ['se/pool'], filters: 3, bias: true },
    { id: 'se/relu', op: 'activation', inputs: ['se/squeeze'], activation: 'relu' },
    { ...pointwise, id: 'se/excite', inputs: ['se/relu'], filters: 8, bias: true },
    { id: 'se/gate', op: 'activation', inputs: ['se/excite'], activation: 'hsigmoid' },
    { id: 'se/scale', op: 'mul', inputs: ['depthwise', 'se/gate'] },
    { ...pointwise, id: 'project', inputs: ['se/scale'], filters: 4, bias: false },
    { id: 'add', op: 'add', inputs: ['project', 'stem/relu'] },
    { id: 'flatten', op: 'flatten', inputs: ['add'] },
    { id: 'dense', op: 'dense', inputs: ['flatten'], units: 5, bias: true },
  ] satisfies LayerNode[],
};
