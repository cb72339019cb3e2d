import { LutraError } from '../errors.js';

/**
 * The error of a network document that is no valid graph.
 * @param pointer JSON pointer to the offending field, relative to what the caller parses
 */
export function invalidNetwork(message: string, pointer: string): LutraError {
  return new LutraError('invalid-network', message, { pointer });
}
