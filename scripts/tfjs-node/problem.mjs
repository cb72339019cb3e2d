/** What a person can be told and act on; anything else that is thrown is a bug. */
export class Problem extends Error {
  constructor(exitCode, message) {
    super(message);
    this.exitCode = exitCode;
  }
}
