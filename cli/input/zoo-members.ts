import { LutraError } from '../../core/errors.js';
import { usageError } from '../cli-error.js';

/** Zoo networks that the command builds itself; what the zoo refuses is a wrong command line. */
export function zooMembers<T>(build: () => T): T {
  try {
    return build();
  } catch (error) {
    if (!(error instanceof LutraError)) throw error;
    throw usageError(error.message, 'lutra zoo lists the names, lutra zoo NAME the options of one');
  }
}
