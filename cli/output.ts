/** Anything that takes text: `process.stdout`, or a buffer. */
export interface Sink {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/**
 * Where a command writes: its one result to standard output, everything said on the way to standard error. With
 * `--json` the result is the JSON document alone.
 */
export class Output {
  constructor(
    private readonly stdout: Sink,
    readonly stderr: Sink,
    readonly json: boolean,
  ) {}

  /** The command's result, as a document for machines or as text for people. */
  result(document: unknown, text: () => string): void {
    if (this.json) this.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    else this.text(text());
  }

  /** Part of a result that is text whatever the options say, such as CSV. */
  raw(text: string): void {
    this.stdout.write(text);
  }

  /** Said on the way: what was started, what comes next. */
  note(text: string): void {
    this.stderr.write(`${plainSpaces(text)}\n`);
  }

  private text(text: string): void {
    this.stdout.write(`${plainSpaces(text)}\n`);
  }
}

/** A terminal breaks no lines for us, and whoever greps for `12 ms` types an ordinary space. */
function plainSpaces(text: string): string {
  return text.replaceAll('\u00a0', ' ');
}
