/** A linear map from figures to pixels, with round ticks. */
export interface LinearScale {
  (value: number): number;
  readonly ticks: readonly number[];
  readonly domain: readonly [number, number];
  readonly range: readonly [number, number];
  /** Decimals that tell neighbouring ticks apart. */
  readonly decimals: number;
}

/**
 * @param domain lowest and highest figure that must fit
 * @param range pixels at the two ends; the first may be the larger, as for vertical axes
 * @param options `about` ticks are wanted; `snap` widens the domain to whole ticks
 */
export function linearScale(
  domain: readonly [number, number],
  range: readonly [number, number],
  options: { readonly about?: number; readonly snap?: boolean } = {},
): LinearScale {
  const step = tickStep(domain[1] - domain[0] || Math.abs(domain[0]) || 1, options.about ?? 5);
  const low = options.snap ? Math.floor(domain[0] / step + 1e-9) * step : domain[0];
  let high = options.snap ? Math.ceil(domain[1] / step - 1e-9) * step : domain[1];
  if (high <= low) high = low + step;
  const ticks: number[] = [];
  for (let index = Math.ceil(low / step - 1e-9); index * step <= high + step * 1e-9; index++) {
    ticks.push(index * step);
  }
  const slope = (range[1] - range[0]) / (high - low);
  return Object.assign((value: number) => range[0] + (value - low) * slope, {
    ticks,
    domain: [low, high] as const,
    range,
    decimals: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)),
  });
}

/** 1, 2 or 5 times a power of ten, so that `span` holds about `about` of them. */
export function tickStep(span: number, about: number): number {
  const rough = span / about;
  const power = 10 ** Math.floor(Math.log10(rough));
  const mantissa = rough / power;
  const nice = mantissa < 1.5 ? 1 : mantissa < 3.5 ? 2 : mantissa < 7.5 ? 5 : 10;
  return nice * power;
}
