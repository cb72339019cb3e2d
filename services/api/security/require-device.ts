import { LutraError } from '../../../core/errors.js';
import type { Principal } from './principal.js';

/**
 * Refuses tokens that are bound to a device what none of its jobs needs.
 * @param what said in the refusal
 * @throws LutraError `forbidden`
 */
export function requireUnbound(principal: Principal | null, what: string): void {
  const bound = principal?.device ?? null;
  if (bound === null) return;
  throw new LutraError('forbidden', `the token '${principal?.name}' acts for device '${bound}': ${what}`);
}

/**
 * Lets a token that is bound to a device act for that one only.
 * @throws LutraError `forbidden`
 */
export function requireDevice(principal: Principal | null, device: string): void {
  const bound = principal?.device ?? null;
  if (bound === null || bound === device) return;
  throw new LutraError('forbidden', `the token '${principal?.name}' acts for device '${bound}' only`);
}
