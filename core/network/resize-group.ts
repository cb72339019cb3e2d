import type { Network } from './network.js';
import { resizeGroups } from './resize-groups.js';

/**
 * The same network with one width group at another width: see {@link resizeGroups}.
 * @param groupId id of a group of `widthGroups(network)` that is not frozen
 * @param width channels, 1 or more
 * @throws LutraError `invalid-request` for an unknown or frozen group or an impossible width
 */
export function resizeGroup(network: Network, groupId: string, width: number): Network {
  return resizeGroups(network, [{ group: groupId, width }]);
}
