import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { LayerNode, Network } from './network.js';

const known = new WeakMap<Network, string>();

/**
 * Identity of an architecture: 64 hexadecimal digits of SHA-256 over its nodes with ids replaced by positions. Renaming
 * the network or its nodes does not change it; any attribute does. Remembered for each network object.
 */
export function contentHash(network: Network): string {
  const remembered = known.get(network);
  if (remembered !== undefined) return remembered;
  const hash = hashNodes(network);
  known.set(network, hash);
  return hash;
}

function hashNodes(network: Network): string {
  const positions = new Map(network.nodes.map((node, position) => [node.id, position]));
  const canonical = network.nodes.map((node) => [
    node.op,
    node.inputs.map((id) => positions.get(id)),
    ...attributes(node),
  ]);
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify(canonical))));
}

function attributes(node: LayerNode): readonly unknown[] {
  switch (node.op) {
    case 'input':
      return [node.shape];
    case 'conv2d':
      return [node.filters, node.kernel, node.stride, node.padding, node.groups, node.bias];
    case 'batchNorm':
      return [node.epsilon];
    case 'activation':
      return [node.activation];
    case 'avgPool':
    case 'maxPool':
      return [node.kernel, node.stride, node.padding];
    case 'dense':
      return [node.units, node.bias];
    default:
      return [];
  }
}
