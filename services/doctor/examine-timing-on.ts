import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Finding } from '../../contracts/doctor.js';
import { boundNode } from '../worker/bound-command.js';

const CHILD = fileURLToPath(new URL('./timing-child.js', import.meta.url));

/** The timing findings of the core that is measured on, not of one that the scheduler chose: in a pinned process. */
export async function examineTimingOn(core: number, signal: AbortSignal): Promise<Finding[]> {
  const { file, args } = boundNode([core], [CHILD]);
  const { stdout } = await promisify(execFile)(file, args, { signal });
  return JSON.parse(stdout) as Finding[];
}
