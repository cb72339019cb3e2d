import { LutraError } from '../errors.js';
import { NETWORK_LIMITS } from './limits.js';
import type { LayerNode, Network } from './network.js';
import { inheritTopology } from './topology.js';
import { analyseWidths } from './width-analysis.js';

/**
 * The same network with one width group at another width; nodes that do not change are shared. Weights do not follow:
 * see {@link ./truncate-weights.ts}.
 * @param groupId id of a group of `widthGroups(network)` that is not frozen
 * @param width channels, 1 or more
 * @throws LutraError `invalid-request` for an unknown or frozen group or an impossible width
 */
export function resizeGroup(network: Network, groupId: string, width: number): Network {
  const { groupById, bearers } = analyseWidths(network);
  const group = groupById.get(groupId);
  if (group === undefined) {
    throw new LutraError('invalid-request', `network '${network.name}' has no width group '${groupId}'`);
  }
  if (group.frozen) {
    throw new LutraError('invalid-request', `width group '${groupId}' is frozen: ${group.frozenBecause}`);
  }
  if (!Number.isInteger(width) || width < 1 || width > NETWORK_LIMITS.channels) {
    throw new LutraError(
      'invalid-request',
      `width group '${groupId}': expected a width from 1 to ${NETWORK_LIMITS.channels}, got ${width}`,
    );
  }
  const nodes = [...network.nodes];
  for (const { position, occurrences } of bearers.get(groupId)!) {
    nodes[position] = widened(nodes[position]!, occurrences * (width - group.width));
  }
  const resized: Network = { name: network.name, nodes };
  inheritTopology(resized, network);
  return resized;
}

function widened(node: LayerNode, channels: number): LayerNode {
  if (node.op === 'dense') return { ...node, units: node.units + channels };
  if (node.op !== 'conv2d') throw new LutraError('internal', `node '${node.id}' has no width`);
  const filters = node.filters + channels;
  return { ...node, filters, groups: node.groups === 1 ? 1 : filters };
}
