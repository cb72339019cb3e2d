import type { SubjectTerm } from './summarize-subject.js';

/**
 * Each graph once, in order of first mention: one that is named twice counts with the sum of both.
 * @returns coefficients by graph id; 0 where they cancel
 */
export function summedCoefficients(terms: readonly SubjectTerm[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { graphId, coefficient } of terms) sums.set(graphId, (sums.get(graphId) ?? 0) + coefficient);
  return sums;
}
