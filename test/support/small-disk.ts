import { spawnSync } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { onTestFinished } from 'vitest';

const MB = 2 ** 20;

/**
 * Puts a disk of its own under a folder, until the test is over.
 * @param size as `mount` takes it, `12m`
 * @returns false where this user may not
 */
export function mountSmallDisk(folder: string, size: string): boolean {
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'lutra-small-disk', folder]);
  if (status !== 0) return false;
  onTestFinished(() => {
    spawnSync('umount', ['--lazy', folder]);
  });
  return true;
}

/** Until there is no space for another byte. @param file that takes all there is */
export function fillDisk(file: string): void {
  const handle = openSync(file, 'w');
  try {
    for (let size = MB; size >= 1; size /= 2) {
      try {
        for (;;) writeSync(handle, Buffer.alloc(size));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    }
  } finally {
    closeSync(handle);
  }
}
