import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readEvents, type ServerSentEvent } from '../../cli/http/event-stream.js';

async function read(chunks: readonly Uint8Array[]): Promise<readonly ServerSentEvent[]> {
  const events: ServerSentEvent[] = [];
  async function* body() {
    yield* chunks;
  }
  for await (const event of readEvents(body())) events.push(event);
  return events;
}

const STREAM = [
  'retry: 1000',
  '',
  ': still here',
  '',
  'id: 7',
  'event: progress',
  'data: {"note":"µs"}',
  '',
  'data:first',
  'data: second',
  'unknown: field',
  '',
  'id: 9',
  '',
  'data: cut off',
];
const EVENTS = [
  { id: '7', event: 'progress', data: '{"note":"µs"}' },
  { id: undefined, event: 'message', data: 'first\nsecond' },
];

test.each([['\n'], ['\r\n']])(
  'events come whole with lines ended by %j, however the bytes are cut',
  async (end) => {
    const bytes = new TextEncoder().encode(STREAM.join(end));
    expect(await read([bytes])).toEqual(EVENTS);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 20 }), async (cuts) => {
        const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
        const chunks = at.slice(1).map((to, index) => bytes.slice(at[index], to));
        expect(await read(chunks)).toEqual(EVENTS);
      }),
    );
  },
);
