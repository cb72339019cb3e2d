import { spawnSync } from 'node:child_process';
import { type Cores, formatCores } from './format-cores.js';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

const found = new Map<string, boolean>();

/** Whether this system can start a process on chosen cores. */
export function canPin(): boolean {
  return has('taskset');
}

/**
 * A command that starts Node as a child bound to this process: on its cores from its first instruction on, and killed by
 * the kernel when this process dies, however it dies. Where the system lacks the tools (they belong to util-linux) it
 * is plain Node.
 * @param cores null = any
 */
export function boundNode(cores: Cores | null, args: readonly string[]): Command {
  const words = [process.execPath, ...args];
  if (cores !== null && has('taskset')) words.unshift('taskset', '--cpu-list', formatCores(cores));
  if (has('setpriv')) words.unshift('setpriv', '--pdeathsig', 'KILL');
  const [file, ...rest] = words;
  return { file: file!, args: rest };
}

function has(tool: string): boolean {
  const known = found.get(tool);
  if (known !== undefined) return known;
  const available = spawnSync(tool, ['--version'], { stdio: 'ignore' }).status === 0;
  found.set(tool, available);
  return available;
}
