import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LutraError } from '../core/errors.js';

const SHA256 = /^[0-9a-f]{64}$/;

/**
 * Content-addressed files, `<data>/blobs/ab/<sha256>`: weights of networks. A blob is there whole or not at all, may be
 * written twice without harm, and never changes.
 */
export class BlobStore {
  private readonly directory: string;

  /** @param dataDirectory the folder that also holds the database */
  constructor(dataDirectory: string) {
    this.directory = join(dataDirectory, 'blobs');
  }

  /** @returns the SHA-256 of the bytes, hex; they are on disk when this resolves */
  async put(bytes: Uint8Array): Promise<string> {
    const sha256 = digest(bytes);
    const file = this.path(sha256);
    if (await this.has(sha256)) return sha256;
    await mkdir(dirname(file), { recursive: true });
    const unfinished = `${file}.${randomUUID()}.part`;
    try {
      const handle = await open(unfinished, 'wx');
      try {
        await handle.writeFile(bytes);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(unfinished, file);
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
    return sha256;
  }

  /** @throws LutraError `not-found` when there is no such blob; `internal` when the file no longer has its hash */
  async get(sha256: string): Promise<Uint8Array> {
    if (!(await this.has(sha256))) throw new LutraError('not-found', `there is no blob ${sha256}`);
    const bytes = await readFile(this.path(sha256));
    if (digest(bytes) !== sha256) throw new LutraError('internal', `blob ${sha256} is damaged on disk`);
    return bytes;
  }

  async has(sha256: string): Promise<boolean> {
    if (!SHA256.test(sha256)) return false;
    return access(this.path(sha256)).then(
      () => true,
      () => false,
    );
  }

  private path(sha256: string): string {
    return join(this.directory, sha256.slice(0, 2), sha256);
  }
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
