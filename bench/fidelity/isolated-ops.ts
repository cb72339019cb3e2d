import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { boundNode } from '../../services/worker/bound-command.js';
import type { Cores } from '../../services/worker/format-cores.js';

const CHILD = fileURLToPath(new URL('./isolated-child.js', import.meta.url));

/** The name under which the children time a graph that only copies. */
export const EMPTY_SESSION = 'empty';

/**
 * Times every op as a home-made tool does: a graph and a session of its own, run alone and back to back. In a fresh
 * process; {@link EMPTY_SESSION} is among the results.
 * @returns nanoseconds by op key
 */
export async function isolatedOps(
  keys: readonly string[],
  cores: Cores,
): Promise<ReadonlyMap<string, number>> {
  const { file, args } = boundNode(cores, [CHILD, ...keys]);
  const { stdout } = await promisify(execFile)(file, args, { maxBuffer: 2 ** 20 });
  return new Map(Object.entries(JSON.parse(stdout) as Record<string, number>));
}
