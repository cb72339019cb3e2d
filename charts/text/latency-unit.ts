/** One unit for every latency of a page, so that figures can be compared by eye. */
export interface LatencyUnit {
  readonly name: 'µs' | 'ms';
  /** From milliseconds to this unit. */
  readonly scale: number;
  /** `0.0363` → `36.30 µs`, with a space that does not break. */
  format(latencyMs: number): string;
  /** The figure alone, for table cells and axes. */
  figure(latencyMs: number): string;
}

/**
 * Microseconds below one millisecond, else milliseconds; four significant digits of the largest figure, so
 * that an interval of a few tenths of a per cent keeps two different ends.
 * @param largestMs the largest latency that will be shown
 */
export function latencyUnit(largestMs: number): LatencyUnit {
  const name = largestMs < 1 ? 'µs' : 'ms';
  const scale = largestMs < 1 ? 1000 : 1;
  const integerDigits = Math.floor(Math.log10(Math.max(largestMs * scale, 1e-9))) + 1;
  const decimals = Math.min(3, Math.max(1, 4 - integerDigits));
  const figure = (latencyMs: number) => (latencyMs * scale).toFixed(decimals);
  return { name, scale, figure, format: (latencyMs) => `${figure(latencyMs)}\u00a0${name}` };
}
