import { LutraError } from '../../core/errors.js';

/**
 * What ends a run whose device is not what it was: figures of two environments do not compare. It goes on once the device
 * is back in the first one.
 * @param hashes of the environments; null: the device has not been described
 */
export function otherEnvironment(
  device: string,
  hashes: { readonly expected: string | null; readonly got: string | null },
): LutraError {
  return new LutraError(
    'conflict',
    `device '${device}' has another environment than when the run began: its figures do not compare`,
    { details: { ...hashes } },
  );
}
