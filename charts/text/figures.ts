/** Minus as typographers write it, so that columns of signed figures align. */
const MINUS = '−';
/** Keeps a figure and its unit on one line. */
const NO_BREAK = '\u00a0';

/** `0.98712` → `98.71 %`. */
export function percent(share: number, decimals = 2): string {
  return `${signless(share * 100, decimals)}${NO_BREAK}%`;
}

/** `-0.0021` → `−0.21`, the difference of two accuracies in points. */
export function points(difference: number, decimals = 2): string {
  return signed(difference * 100, decimals);
}

/** Change from one figure to another: `(60, 36)` → `−40 %`. */
export function change(before: number, after: number, decimals = 0): string {
  return before === 0 ? '–' : `${signed((after / before - 1) * 100, decimals)}${NO_BREAK}%`;
}

/** Always with its sign; a zero has none. */
export function signed(value: number, decimals: number): string {
  const rounded = signless(Math.abs(value), decimals);
  if (Number(rounded) === 0) return rounded;
  return value < 0 ? `${MINUS}${rounded}` : `+${rounded}`;
}

/** `60202` → `60.2 k`, `729216` → `0.729 M`. */
export function compactCount(count: number): string {
  if (count >= 1e9) return `${significant(count / 1e9)}${NO_BREAK}G`;
  if (count >= 1e5) return `${significant(count / 1e6)}${NO_BREAK}M`;
  if (count >= 1e3) return `${significant(count / 1e3)}${NO_BREAK}k`;
  return String(count);
}

/** `312_500` → `5 min 12 s`. */
export function duration(durationMs: number): string {
  const totalSeconds = Math.round(durationMs / 1000);
  const seconds = totalSeconds % 60;
  const minutes = Math.floor(totalSeconds / 60) % 60;
  const hours = Math.floor(totalSeconds / 3600);
  if (hours > 0) return `${hours}${NO_BREAK}h ${minutes}${NO_BREAK}min`;
  return minutes > 0 ? `${minutes}${NO_BREAK}min ${seconds}${NO_BREAK}s` : `${seconds}${NO_BREAK}s`;
}

function significant(value: number): string {
  if (value >= 100) return value.toFixed(0);
  if (value >= 10) return value.toFixed(1);
  return value >= 1 ? value.toFixed(2) : value.toFixed(3);
}

function signless(value: number, decimals: number): string {
  return value.toFixed(decimals).replace('-', MINUS);
}
