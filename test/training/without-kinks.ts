import type { ActivationKind, Network } from '../../core/network/network.js';

const SMOOTH: Partial<Record<ActivationKind, ActivationKind>> = {
  relu: 'swish',
  relu6: 'swish',
  hswish: 'swish',
  hsigmoid: 'sigmoid',
};

/** The network with every activation that has a kink replaced by a smooth one of its shape. */
export function withoutKinks(network: Network): Network {
  const nodes = network.nodes.map((node) => {
    return node.op === 'activation'
      ? { ...node, activation: SMOOTH[node.activation] ?? node.activation }
      : node;
  });
  return { ...network, nodes };
}
