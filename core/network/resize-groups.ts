import { LutraError } from '../errors.js';
import { NETWORK_LIMITS } from './limits.js';
import type { LayerNode, Network } from './network.js';
import { inheritTopology } from './topology.js';
import { analyseWidths } from './width-analysis.js';

/** A width group and the channels that it is to have. */
export interface GroupWidth {
  /** Id of the group. */
  readonly group: string;
  readonly width: number;
}

/**
 * The same network with some width groups at other widths; nodes that do not change are shared. Weights do not follow:
 * see {@link ./truncate-weights.ts}.
 * @param widths of groups of `widthGroups(network)` that are not frozen, each at most once; 1 channel or more
 * @throws LutraError `invalid-request` for an unknown, frozen or repeated group or an impossible width
 */
export function resizeGroups(network: Network, widths: readonly GroupWidth[]): Network {
  const { bearers } = analyseWidths(network);
  const nodes = [...network.nodes];
  checkNoneTwice(widths);
  for (const { group, width } of widths) {
    const widthBefore = resizableWidth(network, group, width);
    for (const { position, occurrences } of bearers.get(group)!) {
      nodes[position] = widened(nodes[position]!, occurrences * (width - widthBefore));
    }
  }
  const resized: Network = { name: network.name, nodes };
  inheritTopology(resized, network);
  return resized;
}

function checkNoneTwice(widths: readonly GroupWidth[]): void {
  const seen = new Set<string>();
  for (const { group } of widths) {
    if (seen.has(group))
      throw new LutraError('invalid-request', `width group '${group}': expected once, got twice`);
    seen.add(group);
  }
}

function resizableWidth(network: Network, id: string, width: number): number {
  const group = analyseWidths(network).groupById.get(id);
  if (group === undefined) {
    throw new LutraError('invalid-request', `network '${network.name}' has no width group '${id}'`);
  }
  if (group.frozen) {
    throw new LutraError('invalid-request', `width group '${id}' is frozen: ${group.frozenBecause}`);
  }
  if (!Number.isInteger(width) || width < 1 || width > NETWORK_LIMITS.channels) {
    throw new LutraError(
      'invalid-request',
      `width group '${id}': expected a width from 1 to ${NETWORK_LIMITS.channels}, got ${width}`,
    );
  }
  return group.width;
}

function widened(node: LayerNode, channels: number): LayerNode {
  if (node.op === 'dense') return { ...node, units: node.units + channels };
  if (node.op !== 'conv2d') throw new LutraError('internal', `node '${node.id}' has no width`);
  const filters = node.filters + channels;
  return { ...node, filters, groups: node.groups === 1 ? 1 : filters };
}
