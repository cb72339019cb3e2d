import { LutraError } from '../../core/errors.js';

/** What a process ends with when its command line is wrong, as every `lutra … --help` says. */
export const USAGE_EXIT_CODE = 2;

/** @param message names the option, what was expected and what came */
export function usageError(message: string): LutraError {
  return new LutraError('invalid-request', message);
}

/** Whether it is of that kind: also what only shows once the machine is looked at, e.g. more threads than cores. */
export function isUsageError(error: unknown): boolean {
  return error instanceof LutraError && error.code === 'invalid-request';
}
