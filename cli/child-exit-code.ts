import { EXIT, type ExitCode } from './exit-codes.js';

/**
 * What a command ends with that a service process stands behind: the process checks its own options, and says with 2 that
 * they were wrong.
 * @param code null: a signal ended it
 * @param stopped whether this command told it to stop
 */
export function childExitCode(code: number | null, stopped: boolean): ExitCode {
  if (code === 0 || stopped) return EXIT.ok;
  return code === EXIT.usage ? EXIT.usage : EXIT.failed;
}
