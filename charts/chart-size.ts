/**
 * Every chart is drawn twice: for a desk and for a phone. Scaling one drawing down would make its text unreadable; the
 * page shows the one that fits.
 */
export interface ChartSize {
  readonly width: number;
  /** On a phone: fewer ticks, labels above what they name. */
  readonly compact: boolean;
}

export const WIDE: ChartSize = { width: 920, compact: false };
export const COMPACT: ChartSize = { width: 342, compact: true };
