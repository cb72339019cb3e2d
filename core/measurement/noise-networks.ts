import type { Network } from '../network/network.js';
import { buildZooNetwork } from '../zoo/zoo.js';

/**
 * The networks of a noise check: five, of several families, from a fifth of a millisecond to some milliseconds on a
 * server core. Beside the anchor, which every session has.
 */
export function noiseNetworks(): readonly Network[] {
  const image = { inputChannels: 3, classes: 10 };
  return [
    buildZooNetwork('mobilenet-v1', { width: 0.25, resolution: 96, ...image }),
    buildZooNetwork('mobilenet-v2', { width: 0.35, resolution: 128, ...image }),
    buildZooNetwork('mobilenet-v3-small', { width: 0.75, resolution: 96, ...image }),
    buildZooNetwork('mobilenet-v3-small', { width: 1, resolution: 160, ...image }),
    buildZooNetwork('mobilenet-v3-large', { width: 0.75, resolution: 160, ...image }),
  ];
}
