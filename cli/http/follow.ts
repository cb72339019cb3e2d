import { setTimeout as delay } from 'node:timers/promises';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';
import type { ApiClient } from './api-client.js';
import { readEvents } from './event-stream.js';

/** Not more often than this is a resource read again, however many events come. */
const REFRESH_MS = 250;
/** Without any event it is read again after this long. */
const QUIET_MS = 5_000;
/** A server that restarts is waited for this long. */
const PATIENCE_MS = 20_000;

/**
 * Yields a resource now and after every change, until `isDone`. Events of `<path>/events` only say *that* something
 * changed; what it is now is read from the resource, so that a lost event or a restarted server costs nothing.
 */
export async function* follow<View>(
  client: ApiClient,
  path: string,
  isDone: (view: View) => boolean,
  signal: AbortSignal,
): AsyncGenerator<View> {
  const bell = new Bell();
  const ended = new AbortController();
  const listening = listen(client, `${path}/events`, bell, AbortSignal.any([signal, ended.signal]));
  try {
    for (;;) {
      const view = await readPatiently<View>(client, path, signal);
      yield view;
      if (isDone(view)) return;
      await bell.rung(QUIET_MS, signal);
      await delay(REFRESH_MS, undefined, { signal });
      bell.silence();
    }
  } finally {
    ended.abort();
    await listening;
  }
}

/** Turns events into rings; connects again where the stream breaks off. */
async function listen(client: ApiClient, path: string, bell: Bell, signal: AbortSignal): Promise<void> {
  let lastEventId: string | undefined;
  while (!signal.aborted) {
    try {
      const response = await client.request('GET', path, {
        signal,
        headers: {
          accept: 'text/event-stream',
          ...(lastEventId === undefined ? {} : { 'last-event-id': lastEventId }),
        },
      });
      for await (const event of readEvents(response.body ?? emptyBody())) {
        lastEventId = event.id ?? lastEventId;
        bell.ring();
      }
      bell.ring();
    } catch {
      // The resource itself is read on the side: what is wrong with the server shows there.
    }
    await delay(1_000, undefined, { signal }).catch(() => {});
  }
}

async function* emptyBody(): AsyncGenerator<Uint8Array> {}

async function readPatiently<View>(client: ApiClient, path: string, signal: AbortSignal): Promise<View> {
  const givingUpAtMs = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await client.get<View>(path);
    } catch (error) {
      const isAway = error instanceof CliError && error.exitCode === EXIT.unreachable;
      if (!isAway || performance.now() > givingUpAtMs) throw error;
      await delay(500, undefined, { signal });
    }
  }
}

/** Remembers that something happened until someone looks. */
class Bell {
  private isRung = false;
  private wake: (() => void) | undefined;

  ring(): void {
    this.isRung = true;
    this.wake?.();
  }

  silence(): void {
    this.isRung = false;
  }

  /** Resolves at the next ring, at once if it rang before, or after `atMostMs`. */
  async rung(atMostMs: number, signal: AbortSignal): Promise<void> {
    if (this.isRung) return;
    const waited = new AbortController();
    this.wake = () => waited.abort();
    await delay(atMostMs, undefined, { signal: AbortSignal.any([signal, waited.signal]) }).catch(() => {});
    this.wake = undefined;
    signal.throwIfAborted();
  }
}
