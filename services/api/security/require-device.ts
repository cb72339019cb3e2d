import { LutraError } from '../../../core/errors.js';
import type { Principal } from './principal.js';

/**
 * Lets a token that is bound to a device act for that one only.
 * @throws LutraError `forbidden`
 */
export function requireDevice(principal: Principal | null, device: string): void {
  const bound = principal?.device ?? null;
  if (bound === null || bound === device) return;
  throw new LutraError('forbidden', `the token '${principal?.name}' acts for device '${bound}' only`);
}
