import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseCoreList } from '../serve/allowed-cores.js';
import type { Cores } from './format-cores.js';

/**
 * Cores with all that share a physical core with them: two threads of one core take each other's turns, so what works on
 * a sibling is timed too.
 * @param root folder that holds `sys`
 * @returns ascending; the cores alone where the system does not tell their siblings
 */
export function withSiblings(cores: Cores, root = '/'): Cores {
  const siblings = cores.flatMap((core) => {
    try {
      const file = join(root, `sys/devices/system/cpu/cpu${core}/topology/thread_siblings_list`);
      return parseCoreList(readFileSync(file, 'utf8').trim());
    } catch {
      return [];
    }
  });
  return [...new Set([...cores, ...siblings])].sort((a, b) => a - b);
}
