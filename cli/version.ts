import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The version in `package.json`, which lies above this file, built or not. */
export function lutraVersion(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  for (;;) {
    const file = join(folder, 'package.json');
    if (existsSync(file)) {
      const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
      return version;
    }
    const parent = dirname(folder);
    if (parent === folder) throw new Error('package.json is missing above the command');
    folder = parent;
  }
}
