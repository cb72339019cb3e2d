import type { Unmeasured } from '../measuring/unmeasured.js';

const SHOWN = 5;

/**
 * What got no figure and why, a line each; nothing where all did.
 * @param nouns what they are, in the plural
 */
export function leftText(nouns: string, left: readonly Unmeasured[]): readonly string[] {
  if (left.length === 0) return [];
  const more = left.length > SHOWN ? [`  and ${left.length - SHOWN} more: --json names them`] : [];
  return [
    `Without a figure, of the ${nouns}: ${left.length}`,
    ...left.slice(0, SHOWN).map(({ what, kind, message }) => `  ${what}  ${kind}: ${message}`),
    ...more,
  ];
}
