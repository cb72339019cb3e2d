import { realpath } from 'node:fs/promises';
import { resolve, sep } from 'node:path';

/**
 * Whether a path lies in one of the given folders, symbolic links followed. What does not exist lies nowhere, so that
 * callers learn nothing of what is outside.
 */
export async function isContained(path: string, folders: readonly string[]): Promise<boolean> {
  const real = await realpath(resolve(path)).catch(() => null);
  if (real === null) return false;
  for (const folder of folders) {
    const root = await realpath(folder).catch(() => null);
    if (root !== null && (real === root || real.startsWith(root.endsWith(sep) ? root : root + sep)))
      return true;
  }
  return false;
}
