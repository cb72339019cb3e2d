import { writeSync } from 'node:fs';

/** Sends one message as a JSON line and returns when the kernel has it, so that it outlives a crash that follows. */
export function writeMessageLine(descriptor: number, message: object): void {
  const bytes = Buffer.from(`${JSON.stringify(message)}\n`);
  for (let written = 0; written < bytes.length; ) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    }
  }
}
