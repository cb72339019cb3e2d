import { signal } from '@preact/signals';
import type { ChangeEvent, ChangeKind } from '../../../contracts/http/change-event.js';
import { signInNeeded } from './client.js';

/** `lost`: figures may be old; the browser tries again by itself and resumes where it was. */
export const connection = signal<'connecting' | 'live' | 'lost'>('connecting');

/** Null: anything may have changed. */
type Listener = (change: ChangeEvent | null) => void;

const listeners = new Set<Listener>();
const KINDS: readonly ChangeKind[] = ['job', 'device', 'adaptation'];
let stream: EventSource | null = null;

/** Calls back with every change, until the returned function is called. */
export function onChange(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Opens the one stream of the page. It rests while the page is out of sight: browsers allow six connections to a service,
 * which many open tabs would use up.
 */
export function followChanges(): void {
  openStream();
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) {
      stream?.close();
      return;
    }
    openStream();
    // What changed meanwhile.
    tell(null);
  });
}

/** Asks again after it was refused, e.g. with a token this time. */
export function openStream(): void {
  stream?.close();
  stream = new EventSource('/events');
  stream.addEventListener('open', () => {
    connection.value = 'live';
  });
  stream.addEventListener('error', () => {
    connection.value = 'lost';
    // A refusal ends an EventSource for good: ask again, unless the api waits for a token.
    if (stream?.readyState === EventSource.CLOSED && !signInNeeded.value) setTimeout(openStream, 2000);
  });
  stream.addEventListener('reset', () => tell(null));
  for (const kind of KINDS) {
    stream.addEventListener(kind, (event) => tell(JSON.parse((event as MessageEvent<string>).data)));
  }
}

function tell(change: ChangeEvent | null): void {
  for (const listener of listeners) listener(change);
}
