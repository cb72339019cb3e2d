// What a build is made of, as one hash: equal hashes, equal builds.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Everything that is compiled, copied or bundled, and what says how. */
const INPUTS = [
  ...[
    'bench',
    'charts',
    'cli',
    'contracts',
    'core',
    'db',
    'formats',
    'queue',
    'runtimes',
    'services',
    'training',
  ],
  ...['scripts', 'package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'],
];

/**
 * SHA-256 over names and contents of all sources, of what configures the build, and of the versions that are installed.
 * @param {string} root of the repository
 * @param {readonly string[]} inputs files and folders in it
 */
export function inputsHash(root, inputs = INPUTS) {
  const hash = createHash('sha256');
  const visit = (path) => {
    const full = join(root, path);
    if (statSync(full).isDirectory()) {
      for (const name of readdirSync(full).sort()) visit(join(path, name));
    } else {
      const bytes = readFileSync(full);
      hash.update(`${path}\0${bytes.length}\0`).update(bytes);
    }
  };
  for (const input of inputs) visit(input);
  return hash.digest('hex');
}
