import type { DeviceReachView } from '../../contracts/adaptation.js';
import { littleWidthWorth } from '../../core/netadapt/width-worth.js';
import { percent } from './figures.js';
import type { LatencyUnit } from './latency-unit.js';

/** What widths can do about the latency on a device, with the figures. */
export function reachText(reach: DeviceReachView, unit: LatencyUnit): string {
  const { device, seedMs, leastMs, widthShare, ops } = reach;
  const worth = littleWidthWorth(reach);
  const least = `with every width at its least the network takes ${unit.format(leastMs)} of the seed’s ${unit.format(seedMs)}`;
  if (worth === null) return `On ${device}, ${least}: widths alone can save ${percent(widthShare, 0)}.`;
  return (
    `${worth.charAt(0).toUpperCase()}${worth.slice(1)}. ${least.charAt(0).toUpperCase()}${least.slice(1)}, which saves ` +
    `${percent(Math.max(0, widthShare), 0)}. The rest is what its ${ops} ops cost at any width, about ${unit.format(leastMs / ops)} each; ` +
    'fewer ops would help, narrower ones do not.'
  );
}

/** Whether {@link reachText} is a warning. */
export function widthsBuyLittle(reach: DeviceReachView): boolean {
  return littleWidthWorth(reach) !== null;
}
