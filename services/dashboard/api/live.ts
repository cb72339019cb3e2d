import { signal } from '@preact/signals';
import type { ChangeEvent, ChangeKind } from '../../../contracts/http/change-event.js';
import { signInNeeded } from './client.js';
import { readSession } from './session.js';
import { whileSeen } from './while-seen.js';

/** `lost`: figures may be old; the browser tries again by itself and resumes where it was. */
export const connection = signal<'connecting' | 'live' | 'lost'>('connecting');

/** Null: anything may have changed. */
type Listener = (change: ChangeEvent | null) => void;

const listeners = new Set<Listener>();
const KINDS: readonly ChangeKind[] = ['job', 'device', 'adaptation'];
const RETRY_MS = 2_000;
let stream: EventSource | null = null;
let retry: ReturnType<typeof setTimeout> | undefined;

/** Calls back with every change, until the returned function is called. */
export function onChange(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Keeps the one stream of the page open while the page is in sight. */
export function followChanges(): void {
  whileSeen(() => {
    openStream();
    // What changed while nobody looked.
    tell(null);
    return closeStream;
  });
}

/** Asks again after it was refused, e.g. with a token this time. */
export function openStream(): void {
  closeStream();
  if (document.hidden) return;
  stream = new EventSource('/events');
  stream.addEventListener('open', () => {
    // A stream that resumes tells what changed, not what could not be read meanwhile.
    if (connection.value === 'lost') tell(null);
    connection.value = 'live';
  });
  stream.addEventListener('error', () => {
    connection.value = 'lost';
    if (stream?.readyState === EventSource.CLOSED) void comeBack(stream);
  });
  stream.addEventListener('reset', () => tell(null));
  for (const kind of KINDS) {
    stream.addEventListener(kind, (event) => tell(JSON.parse((event as MessageEvent<string>).data)));
  }
}

/** A refusal ends an EventSource for good, and does not say why: ask again, unless we are not let in as we are. */
async function comeBack(refused: EventSource): Promise<void> {
  await readSession().catch(() => undefined);
  if (stream !== refused || signInNeeded.value) return;
  retry = setTimeout(openStream, RETRY_MS);
}

/** Until someone signs in, there is nothing to be told. */
export function closeStream(): void {
  clearTimeout(retry);
  stream?.close();
  stream = null;
}

function tell(change: ChangeEvent | null): void {
  for (const listener of listeners) listener(change);
}
