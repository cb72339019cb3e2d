/** One server-sent event. */
export interface ServerSentEvent {
  readonly id: string | undefined;
  readonly event: string;
  readonly data: string;
}

/**
 * Reads a `text/event-stream` body: fields `id`, `event`, `data`; comments and unknown fields are skipped; an event
 * without data is none (as the HTML standard says).
 */
export async function* readEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  const decoder = new TextDecoder();
  let rest = '';
  let fields = newFields();
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    // A chunk may end between \r and \n: keep a lone \r until the next one comes.
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line !== '') {
        addField(fields, line);
        continue;
      }
      if (fields.data.length > 0) {
        yield { id: fields.id, event: fields.event, data: fields.data.join('\n') };
      }
      fields = newFields();
    }
  }
}

interface Fields {
  id: string | undefined;
  event: string;
  readonly data: string[];
}

function newFields(): Fields {
  return { id: undefined, event: 'message', data: [] };
}

function addField(fields: Fields, line: string): void {
  const colon = line.indexOf(':');
  if (colon === 0) return;
  const name = colon === -1 ? line : line.slice(0, colon);
  const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
  if (name === 'data') fields.data.push(value);
  else if (name === 'event') fields.event = value;
  else if (name === 'id') fields.id = value;
}
