import type { Static, TSchema } from 'typebox';
import { Compile } from 'typebox/compile';

/** What came on a child's message descriptor: a message, or a line that is none. */
export type ReadLine<T> = { readonly message: T } | { readonly invalid: string };

/** Splits a stream of text into messages of one schema, a line each; a line may come in several pieces. */
export class MessageReader<Schema extends TSchema> {
  private readonly checker;
  private readonly pieces: string[] = [];

  constructor(schema: Schema) {
    this.checker = Compile(schema);
  }

  push(chunk: string): ReadLine<Static<Schema>>[] {
    const [first, ...others] = chunk.split('\n');
    this.pieces.push(first!);
    const lines: string[] = [];
    for (const piece of others) {
      lines.push(this.pieces.join(''));
      this.pieces.length = 0;
      this.pieces.push(piece);
    }
    return lines.map((line) => this.read(line));
  }

  private read(line: string): ReadLine<Static<Schema>> {
    try {
      // A number that is not finite becomes null in JSON, which the schema refuses.
      const value: unknown = JSON.parse(line);
      if (this.checker.Check(value)) return { message: value as Static<Schema> };
    } catch {
      // Told below, like a line of another shape.
    }
    return { invalid: line.slice(0, 200) };
  }
}
