import { spawnSync } from 'node:child_process';
import { allowedCores } from '../serve/allowed-cores.js';
import { canPin } from './bound-command.js';
import { type Cores, formatCores } from './format-cores.js';

/**
 * Moves this process to the other cores, where there are any: a supervisor is woken by every line of its measuring
 * child, and must not run on the child's cores then.
 * @returns whether it now keeps off them
 */
export function keepOffCores(cores: Cores): boolean {
  const others = allowedCores().filter((core) => !cores.includes(core));
  if (others.length === 0 || !canPin()) return false;
  const args = ['--all-tasks', '--pid', '--cpu-list', formatCores(others), String(process.pid)];
  return spawnSync('taskset', args, { stdio: 'ignore' }).status === 0;
}
