import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { ApiContext } from './api-context.js';
import { RefusedParameter } from './refused-parameter.js';
import { isStillAuthorized } from './security/authorize.js';

export interface StreamedEvent {
  /** Grows along the stream; what a client resumes from. */
  readonly id: number;
  readonly type: string;
  /** Sent as one line of JSON. */
  readonly data: unknown;
}

export interface EventSourceOptions {
  /**
   * What to send first, given the last event that the client has seen (0: none); the stream goes on after its id.
   * Absent or undefined: it goes on from where the client left off.
   */
  readonly begin?: (lastEventId: number) => StreamedEvent | undefined;
  /** Events with a larger id, oldest first. */
  readonly read: (afterId: number) => readonly StreamedEvent[];
  /** Whether no further event will come. Asked before `read`, so that the last event is never missed. */
  readonly isFinished: () => boolean;
}

/** For the OpenAPI document. */
export const EventStream = Type.Unsafe<unknown>({
  type: 'string',
  description:
    'Server-sent events: `id`, `event` and one line of JSON as `data`; 204 when there is nothing more',
});

/** The writers are other processes: their events are found by asking the database. */
const POLL_MS = 100;

/**
 * Comments keep proxies from closing a quiet stream, and tell us of clients that are gone. Quiet or not, the caller must
 * be let in anew as often: a stream does not outlive the token that opened it by more.
 */
const HEARTBEAT_MS = 15_000;

/**
 * Streams events (text/event-stream) from where the client left off until there are no more. A client that has seen
 * everything of a finished thing gets 204, which tells an EventSource not to come back. Ends, too, when the caller would
 * not be let in any longer.
 * @throws LutraError `invalid-request` for a Last-Event-ID that is none of ours
 */
export function sendEventStream(
  request: FastifyRequest,
  reply: FastifyReply,
  { tokens, closing }: Pick<ApiContext, 'tokens' | 'closing'>,
  options: EventSourceOptions,
): FastifyReply {
  const afterId = lastEventId(request);
  if (options.isFinished() && options.read(afterId).length === 0) return reply.code(204).send();
  hangUpOnDeafClients(reply.raw, closing);
  const isAllowed = () => isStillAuthorized(tokens, request);
  return (
    reply
      .header('cache-control', 'no-cache')
      // A connection that were kept for another request would keep a closing api waiting for one.
      .header('connection', 'close')
      .header('x-accel-buffering', 'no')
      .type('text/event-stream; charset=utf-8')
      .send(Readable.from(frames(afterId, options, isAllowed, closing)))
  );
}

/** Who does not read what was sent would not read the end of the stream either. */
function hangUpOnDeafClients(response: ServerResponse, closing: AbortSignal): void {
  const hangUp = () => {
    if (response.writableNeedDrain) response.destroy();
  };
  closing.addEventListener('abort', hangUp, { once: true });
  response.once('close', () => closing.removeEventListener('abort', hangUp));
}

async function* frames(
  afterId: number,
  { begin, read, isFinished }: EventSourceOptions,
  isAllowed: () => boolean,
  closing: AbortSignal,
): AsyncGenerator<string> {
  let lastId = afterId;
  yield `retry: 1000\n\n`;
  const first = begin?.(afterId);
  if (first !== undefined) {
    lastId = first.id;
    yield frame(first);
  }
  let beatAtMs = performance.now() + HEARTBEAT_MS;
  while (!closing.aborted) {
    if (performance.now() >= beatAtMs) {
      if (!isAllowed()) return;
      beatAtMs = performance.now() + HEARTBEAT_MS;
      yield ': still here\n\n';
    }
    const finished = isFinished();
    for (const event of read(lastId)) {
      lastId = event.id;
      yield frame(event);
    }
    if (finished) return;
    await sleep(POLL_MS, undefined, { signal: closing }).catch(() => undefined);
  }
}

function frame({ id, type, data }: StreamedEvent): string {
  return `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`;
}

function lastEventId(request: FastifyRequest): number {
  const header = request.headers['last-event-id'];
  if (header === undefined || header === '') return 0;
  if (typeof header === 'string' && /^\d{1,15}$/.test(header)) return Number(header);
  throw new RefusedParameter('header', 'header last-event-id: expected the id of an event', '/last-event-id');
}
