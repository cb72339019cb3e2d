import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from './repository-root.js';

/**
 * A Python with PyTorch: the one named by LUTRA_PEER_PYTHON, or a virtual environment under `.venv/peers`, made on
 * first use.
 * @returns undefined, and says why, where there is none to be had
 */
export function findPeerPython(): string | undefined {
  const named = process.env.LUTRA_PEER_PYTHON;
  if (named !== undefined) return named;
  const home = join(repositoryRoot(), '.venv', 'peers');
  const python = join(home, 'bin', 'python');
  const succeeds = (command: string, ...args: string[]) =>
    spawnSync(command, args, { stdio: ['ignore', 2, 2] }).status === 0;
  if (existsSync(python) && succeeds(python, '-c', 'import torch')) return python;
  console.error('making .venv/peers with PyTorch: several gigabytes, some minutes');
  if (
    succeeds('python3', '-m', 'venv', home) &&
    succeeds(python, '-m', 'pip', 'install', '--quiet', 'torch', 'numpy')
  ) {
    return python;
  }
  console.error('peers skipped: python3 with venv and pip is needed, and a way to the package index');
  return undefined;
}
