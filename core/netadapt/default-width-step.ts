/** Of devices that show no channel step: what the papers use, and tables are built with. */
const WITHOUT_STEP = 8;

/**
 * Channels between two widths that a run tries, unless it was asked for others. Steps of a single channel would have
 * thousands of ops measured that hardly differ, and cut groups down to one channel.
 * @param channelStep of the device, or one that suits several; 1 where latency shows no step
 */
export function defaultWidthStep(channelStep: number): number {
  return channelStep > 1 ? channelStep : WITHOUT_STEP;
}
