import { InvalidArgumentError } from 'commander';

const UNIT_MS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** For commander: `90d`, `12h`, `30m`, `2w`. @returns milliseconds */
export function durationValue(text: string): number {
  const match = /^\s*(\d+)\s*([mhdw])\s*$/.exec(text);
  const durationMs = Number(match?.[1]) * (UNIT_MS[match?.[2] ?? ''] ?? Number.NaN);
  if (durationMs > 0 && durationMs < Number.MAX_SAFE_INTEGER) return durationMs;
  throw new InvalidArgumentError(`"${text}" is not a time; write 90d, 12h or 30m.`);
}
