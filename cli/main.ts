#!/usr/bin/env node
import { EXIT } from './exit-codes.js';
import { runCli } from './run-cli.js';

/** npm passes Ctrl-C on to a command that the terminal has told already: what comes this soon is the same Ctrl-C. */
const SAME_SIGNAL_MS = 1_000;

const interruption = new AbortController();
let interruptedAtMs = 0;
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    const nowMs = performance.now();
    // Whoever presses Ctrl-C twice wants out, tidy or not.
    if (interruption.signal.aborted && nowMs - interruptedAtMs > SAME_SIGNAL_MS)
      process.exit(EXIT.interrupted);
    if (!interruption.signal.aborted) interruptedAtMs = nowMs;
    interruption.abort();
  });
}
// `lutra table --csv | head` closes the pipe early: that is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(EXIT.ok);
  throw error;
});

process.exitCode = await runCli(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  signal: interruption.signal,
});
