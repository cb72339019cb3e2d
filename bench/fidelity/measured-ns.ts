import { median } from '../../core/measurement/quantile.js';
import type { MeasuredNetwork } from './collected.js';

/** What a network takes: the median over sessions. */
export function measuredNs({ latenciesNs }: MeasuredNetwork): number {
  return median(latenciesNs);
}

/** The same by every other session: two figures that differ by chance alone. */
export function measuredTwiceNs({ latenciesNs }: MeasuredNetwork): readonly [number, number] | null {
  if (latenciesNs.length < 2) return null;
  const half = (parity: number) => median(latenciesNs.filter((_, i) => i % 2 === parity));
  return [half(0), half(1)];
}
