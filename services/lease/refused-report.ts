import { LutraError } from '../../core/errors.js';

/** A report that cannot be what its job asked for, told at the part that says so. */
export function refusedReport(pointer: string, detail: string): LutraError {
  return new LutraError('invalid-request', `${pointer}: ${detail}`, { pointer });
}
