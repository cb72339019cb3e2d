import type { Problem } from '../contracts/http/problem.js';
import { EXIT, type ExitCode } from './exit-codes.js';

/** An end of the command that is not a bug: what went wrong, what to try next, and the exit code. */
export class CliError extends Error {
  readonly exitCode: ExitCode;
  /** The next thing to try, in one line. */
  readonly hint: string | undefined;
  /** What the server said, where it was the server that refused. */
  readonly problem: Problem | undefined;

  constructor(
    message: string,
    options: { exitCode: ExitCode; hint?: string; problem?: Problem; cause?: unknown },
  ) {
    super(message, { cause: options.cause });
    this.name = 'CliError';
    this.exitCode = options.exitCode;
    this.hint = options.hint;
    this.problem = options.problem;
  }
}

/** For a wrong option or argument. */
export function usageError(message: string, hint?: string): CliError {
  return new CliError(message, { exitCode: EXIT.usage, ...(hint === undefined ? {} : { hint }) });
}

/** For Ctrl-C; `hint` says what goes on without this command and how to come back to it. */
export function interrupted(hint: string): CliError {
  return new CliError('interrupted', { exitCode: EXIT.interrupted, hint });
}
