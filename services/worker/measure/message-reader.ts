import { Compile } from 'typebox/compile';
import { MeasureMessage } from '../../../contracts/measure-message.js';

const checker = Compile(MeasureMessage);

/** What came on the child's message descriptor: a message, or a line that is none. */
export type ReadLine = { readonly message: MeasureMessage } | { readonly invalid: string };

/** Splits a stream of bytes into checked messages; a line may come in several pieces. */
export class MessageReader {
  private pending = '';

  push(chunk: string): ReadLine[] {
    const lines = (this.pending + chunk).split('\n');
    this.pending = lines.pop()!;
    return lines.map(readLine);
  }
}

function readLine(line: string): ReadLine {
  try {
    // A duration that is not a number becomes null in JSON, which the schema refuses.
    const value: unknown = JSON.parse(line);
    if (checker.Check(value)) return { message: value };
  } catch {
    return { invalid: line.slice(0, 200) };
  }
  return { invalid: line.slice(0, 200) };
}
