import { duration } from '../../../charts/text/figures.js';
import { nowMs } from '../api/clock.js';

const FULL = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** `12 s ago`, exact on hover. */
export function Ago({ atMs }: { readonly atMs: number }) {
  return (
    <time dateTime={new Date(atMs).toISOString()} title={FULL.format(atMs)}>
      {agoText(nowMs.value - atMs)}
    </time>
  );
}

/** How long something has been going on. */
export function Since({ atMs }: { readonly atMs: number }) {
  return <span>{duration(Math.max(0, nowMs.value - atMs))}</span>;
}

export function agoText(elapsedMs: number): string {
  if (elapsedMs < 5000) return 'just now';
  if (elapsedMs < MINUTE_MS) return `${Math.floor(elapsedMs / 1000)}\u00a0s ago`;
  if (elapsedMs < HOUR_MS) return `${Math.floor(elapsedMs / MINUTE_MS)}\u00a0min ago`;
  if (elapsedMs < 2 * DAY_MS) return `${Math.floor(elapsedMs / HOUR_MS)}\u00a0h ago`;
  return `${Math.floor(elapsedMs / DAY_MS)}\u00a0days ago`;
}
