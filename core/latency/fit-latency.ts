import { median } from '../measurement/quantile.js';

/** A whole network: what the model makes of its ops, and what it took. */
export interface ModelPoint {
  readonly modelNs: number;
  readonly latencyNs: number;
}

/** `latency = scale · model + intercept`. */
export interface LatencyFit {
  readonly scale: number;
  readonly interceptNs: number;
}

export type Fit = (points: readonly ModelPoint[]) => LatencyFit;

/** The median ratio: one outlier does not move it. */
export function fitScale(points: readonly ModelPoint[]): LatencyFit {
  const logRatios = points.map(({ modelNs, latencyNs }) => Math.log(latencyNs / modelNs));
  return { scale: Math.exp(median(logRatios)), interceptNs: 0 };
}

/** Least squares of relative errors; the scale alone where the line would begin below zero or fall. */
export function fitScaleAndIntercept(points: readonly ModelPoint[]): LatencyFit {
  // Divided by the latency: 1 = scale · x + intercept · y.
  let [xx, xy, yy, x1, y1] = [0, 0, 0, 0, 0];
  for (const { modelNs, latencyNs } of points) {
    const x = modelNs / latencyNs;
    const y = 1 / latencyNs;
    xx += x * x;
    xy += x * y;
    yy += y * y;
    x1 += x;
    y1 += y;
  }
  const determinant = xx * yy - xy * xy;
  const scale = (x1 * yy - y1 * xy) / determinant;
  const interceptNs = (y1 * xx - x1 * xy) / determinant;
  return scale > 0 && interceptNs >= 0 ? { scale, interceptNs } : fitScale(points);
}

/** Logarithmic errors of points, each by a fit that it had no part in; none for a single point. */
export function errorsLeftOut(points: readonly ModelPoint[], fitter: Fit): readonly number[] {
  if (points.length < 2) return [];
  return points.map(({ modelNs, latencyNs }, i) => {
    const { scale, interceptNs } = fitter(points.filter((_, j) => j !== i));
    return Math.log(latencyNs / (scale * modelNs + interceptNs));
  });
}
