import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { temporaryDirectory } from '../db/temporary-directory.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const { inputsHash } = (await import(new URL('../../scripts/inputs-hash.mjs', import.meta.url).href)) as {
  inputsHash(root: string, inputs?: readonly string[]): string;
};

it('does nothing where the same was built before: the tests’ own build did', () => {
  const built = join(root, 'dist/cli/main.js');
  const before = statSync(built).mtimeMs;
  expect(readFileSync(join(root, 'dist/.inputs'), 'utf8')).toBe(inputsHash(root));
  expect(spawnSync(process.execPath, [join(root, 'scripts/build.mjs')]).status).toBe(0);
  expect(statSync(built).mtimeMs).toBe(before);
});

it('is another for a change, one more file or another name of one, wherever it lies', () => {
  const folder = temporaryDirectory();
  mkdirSync(join(folder, 'core/ops'), { recursive: true });
  const hashes = new Set<string>();
  const change = (edit: () => void) => {
    edit();
    const hash = inputsHash(folder, ['core']);
    expect(inputsHash(folder, ['core'])).toBe(hash);
    hashes.add(hash);
  };
  const file = join(folder, 'core/ops/a.ts');
  change(() => writeFileSync(file, 'one'));
  change(() => writeFileSync(file, 'two'));
  change(() => renameSync(file, join(folder, 'core/ops/b.ts')));
  change(() => writeFileSync(file, ''));
  change(() => renameSync(file, join(folder, 'core/a.ts')));
  expect(hashes.size).toBe(5);
});
