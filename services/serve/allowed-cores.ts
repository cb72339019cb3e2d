import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** Numbers of the cores that this process may use, ascending: in a container not always 0, 1, 2, … */
export function allowedCores(): readonly number[] {
  try {
    const list = /^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1];
    if (list !== undefined) return parseCoreList(list);
  } catch {
    // Not Linux: cores are numbered from 0.
  }
  return Array.from({ length: availableParallelism() }, (_, core) => core);
}

/**
 * @param list as the kernel writes it, e.g. `0-2,5`
 * @returns empty for anything else
 */
export function parseCoreList(list: string): readonly number[] {
  if (!/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(list)) return [];
  return list.split(',').flatMap((range) => {
    const [first, last] = range.split('-').map(Number);
    if (first === undefined || !Number.isInteger(first)) return [];
    return Array.from({ length: (last ?? first) - first + 1 }, (_, i) => first + i);
  });
}
