import type { Network } from '../network/network.js';
import { buildZooNetwork } from '../zoo/zoo.js';

/**
 * The network that every session of every device measures, so that sessions can be compared: a third of a millisecond
 * on a server core, with every kind of op that the zoo's networks have. A fixed choice: another one would cut the ties
 * to all earlier sessions.
 */
export function anchorNetwork(): Network {
  return buildZooNetwork('mobilenet-v3-small', { width: 0.5, resolution: 96, inputChannels: 3, classes: 10 });
}
