import type { DeviceReachView } from '../../contracts/adaptation.js';
import { percent } from './figures.js';
import type { LatencyUnit } from './latency-unit.js';

/** Below this share of the latency, all widths together buy next to nothing. */
const LITTLE = 0.25;

/** What widths can do about the latency on a device, with the figures. */
export function reachText(reach: DeviceReachView, unit: LatencyUnit): string {
  const { device, seedMs, leastMs, widthShare, ops } = reach;
  const least = `with every width at its least the network takes ${unit.format(leastMs)} of the seed’s ${unit.format(seedMs)}`;
  if (widthShare >= LITTLE) {
    return `On ${device}, ${least}: widths alone can save ${percent(widthShare, 0)}.`;
  }
  return (
    `Widths buy next to nothing on ${device}, where latency counts ops: ${least}, which saves ` +
    `${percent(Math.max(0, widthShare), 0)}. The rest is what its ${ops} ops cost at any width, about ${unit.format(leastMs / ops)} each; ` +
    'fewer ops would help, narrower ones do not.'
  );
}

/** Whether {@link reachText} is a warning. */
export function widthsBuyLittle({ widthShare }: DeviceReachView): boolean {
  return widthShare < LITTLE;
}
