/** How far all widths together can take a latency down. */
interface Reach {
  readonly device: string;
  /** Share of the seed's latency that is gone with every width at its least. */
  readonly widthShare: number;
  /** A/A noise of the device: smaller differences are none. */
  readonly noise: number;
}

/** Less than this share is next to nothing on any device. */
const NOTHING = 0.05;

/** Less than this share is little for what it costs in accuracy: all widths are at their least. */
const LITTLE = 0.25;

/** Whether what all widths together save is next to nothing, or cannot be told from noise. */
export function buysNothing({ widthShare, noise }: Pick<Reach, 'widthShare' | 'noise'>): boolean {
  return widthShare < Math.max(NOTHING, noise);
}

/**
 * What to say of a device whose latency counts ops: where each call has a fixed cost that is most of it, narrower layers
 * are hardly faster.
 * @returns null where widths are worth their while
 */
export function littleWidthWorth({ device, widthShare, noise }: Reach): string | null {
  if (widthShare >= LITTLE) return null;
  return buysNothing({ widthShare, noise })
    ? `widths buy nothing on ${device}: its latency counts ops`
    : `widths buy little on ${device}: its latency counts ops more than channels`;
}
