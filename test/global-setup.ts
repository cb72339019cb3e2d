import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Child processes in tests are started from `dist/`, as in the product; build it before any test. */
export default function setup(): void {
  const build = fileURLToPath(new URL('../scripts/build.mjs', import.meta.url));
  const result = spawnSync(process.execPath, [build], { encoding: 'utf8' });
  if (result.status !== 0) throw new Error(`the build failed:\n${result.stdout}${result.stderr}`);
}
