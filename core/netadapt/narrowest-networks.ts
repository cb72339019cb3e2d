import type { Network } from '../network/network.js';
import { variantOf } from '../network/variant-of.js';
import { widthGroups } from '../network/width-groups.js';
import { candidateWidths } from './candidate-widths.js';

/**
 * The least that widths can reach: every group as narrow as it may become. Two networks where the width step is finer
 * than the device's channel step, because less than a channel step may be dearer than one.
 * @param widthStep of the run
 * @param channelStep of the device
 */
export function narrowestNetworks(
  network: Network,
  widthStep: number,
  channelStep: number,
): readonly Network[] {
  const steps = widthStep % channelStep === 0 ? [widthStep] : [widthStep, channelStep];
  return steps.map((step) => {
    const narrowest = widthGroups(network).flatMap(({ id, width, frozen }) => {
      const least = candidateWidths(width, step).at(-1);
      return frozen || least === undefined ? [] : [{ group: id, width: least }];
    });
    return variantOf(network, narrowest);
  });
}
