/**
 * Narrower widths that a group may take: multiples of the step, widest first; one step is the narrowest.
 * @param width channels now
 * @param step the request's, or the device's own channel step
 */
export function candidateWidths(width: number, step: number): readonly number[] {
  const widths: number[] = [];
  for (let next = (Math.ceil(width / step) - 1) * step; next >= step; next -= step) widths.push(next);
  return widths;
}
