export interface ReceivedEvent {
  readonly id: number;
  readonly type: string;
  readonly data: unknown;
}

/** The events of a text/event-stream answer, as they arrive. */
export async function* readEvents(answer: Response): AsyncGenerator<ReceivedEvent> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
    text += decoder.decode(chunk, { stream: true });
    const frames = text.split('\n\n');
    text = frames.pop() ?? '';
    for (const frame of frames) {
      const fields = new Map(
        frame.split('\n').map((line): [string, string] => {
          const colon = line.indexOf(': ');
          return [line.slice(0, colon), line.slice(colon + 2)];
        }),
      );
      const data = fields.get('data');
      if (data === undefined) continue;
      yield { id: Number(fields.get('id')), type: fields.get('event') ?? '', data: JSON.parse(data) };
    }
  }
}
