import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { canPin } from './bound-command.js';

/**
 * Moves this process to the other cores, where there are any: a supervisor is woken by every line of its measuring
 * child, and must not run on the child's core then.
 * @returns whether it now keeps off the core
 */
export function keepOffCore(cpu: number): boolean {
  const cores = availableParallelism();
  if (cores < 2 || !canPin()) return false;
  const others = Array.from({ length: cores }, (_, core) => core).filter((core) => core !== cpu);
  const args = ['--all-tasks', '--pid', '--cpu-list', others.join(','), String(process.pid)];
  return spawnSync('taskset', args, { stdio: 'ignore' }).status === 0;
}
