import type { Conv2dNode } from './network.js';

/**
 * Whether a convolution filters every channel on its own. With a single channel it counts as an ordinary convolution:
 * the two are the same arithmetic, and one reading must win.
 */
export function isDepthwise(node: Conv2dNode, inputChannels: number): boolean {
  return node.groups > 1 && node.groups === node.filters && node.groups === inputChannels;
}
