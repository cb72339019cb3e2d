import { fileURLToPath } from 'node:url';

/** The file of a process entry, e.g. `worker/main.js`, beside this one in the built tree. */
export function builtEntry(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}
