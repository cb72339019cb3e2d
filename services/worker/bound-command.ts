import { spawnSync } from 'node:child_process';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

const found = new Map<string, boolean>();

/** Whether this system can start a process on one core. */
export function canPin(): boolean {
  return has('taskset');
}

/**
 * A command that starts Node as a child bound to this process: on one core from its first instruction on, and killed by
 * the kernel when this process dies, however it dies. Where the system lacks the tools (they belong to util-linux) it
 * is plain Node.
 * @param cpu core number; null = any core
 */
export function boundNode(cpu: number | null, args: readonly string[]): Command {
  const words = [process.execPath, ...args];
  if (cpu !== null && has('taskset')) words.unshift('taskset', '--cpu-list', String(cpu));
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
