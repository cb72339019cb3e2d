import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Reads small files of `/proc` and `/sys`; undefined where there is no such file. */
export type MachineReader = (path: string) => string | undefined;

/** @param root folder that holds `proc` and `sys` */
export function machineReader(root = '/'): MachineReader {
  return (path) => {
    try {
      return readFileSync(join(root, path), 'utf8').trim();
    } catch {
      return undefined;
    }
  };
}
