import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's folder, from `dist/bench/peers` or `bench/peers`. */
export function repositoryRoot(): string {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const [source, built] = [join(here, '..', '..'), join(here, '..', '..', '..')];
  return existsSync(join(source, 'package.json')) ? source : built;
}
