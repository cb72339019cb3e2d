import { createHash, randomUUID } from 'node:crypto';
import { access, mkdir, open, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LutraError } from '../core/errors.js';
import { databaseError } from './database-error.js';

const SHA256 = /^[0-9a-f]{64}$/;

/** What a file is called while the collector has it in hand. */
const DOOMED = '.doomed';

/** Files of uploads that were cut short, and of a collector that was killed, are nobody's after this long. */
const UNFINISHED_MS = 24 * 3_600_000;

export interface StoredBlob {
  readonly sha256: string;
  readonly bytes: number;
  /** When it was last stored or asked for, to be referred to. */
  readonly usedAtMs: number;
}

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

  /**
   * @returns the SHA-256 of the bytes, hex; they are on disk when this resolves
   * @throws LutraError `database-full`
   */
  async put(bytes: Uint8Array): Promise<string> {
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    if (await this.touch(sha256)) return sha256;
    await this.putStream([bytes], bytes.length, sha256);
    return sha256;
  }

  /**
   * Stores bytes as they come, never all of them in memory. Until all have come and have the hash, nothing is there.
   * @returns how many they were
   * @throws LutraError `payload-too-large` beyond the limit, `conflict` when their hash is another, `database-full`
   */
  async putStream(
    chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    limitBytes: number,
    sha256: string,
  ): Promise<number> {
    const file = this.path(sha256);
    await mkdir(dirname(file), { recursive: true });
    const unfinished = `${file}.${randomUUID()}.part`;
    try {
      const bytes = await writeChunks(unfinished, chunks, limitBytes, sha256);
      await rename(unfinished, file);
      return bytes;
    } catch (error) {
      await rm(unfinished, { force: true });
      throw databaseError(error) ?? error;
    }
  }

  /** @throws LutraError `not-found` when there is no such blob; `internal` when the file no longer has its hash */
  async get(sha256: string): Promise<Uint8Array> {
    if (!(await this.has(sha256))) throw notFound(sha256);
    const bytes = await readFile(this.path(sha256));
    if (createHash('sha256').update(bytes).digest('hex') !== sha256)
      throw new LutraError('internal', `blob ${sha256} is damaged on disk`);
    return bytes;
  }

  /**
   * Where the bytes are, to be streamed. Its file may go while it is read only when nothing refers to it.
   * @throws LutraError `not-found`
   */
  async file(sha256: string): Promise<{ readonly path: string; readonly bytes: number }> {
    const path = this.path(sha256);
    const found = SHA256.test(sha256) ? await stat(path).catch(() => null) : null;
    if (found === null) throw notFound(sha256);
    return { path, bytes: found.size };
  }

  async has(sha256: string): Promise<boolean> {
    if (!SHA256.test(sha256)) return false;
    return access(this.path(sha256)).then(
      () => true,
      () => false,
    );
  }

  /** Keeps a blob for another grace time, because someone is about to refer to it. @returns whether it is there */
  async touch(sha256: string): Promise<boolean> {
    if (!SHA256.test(sha256)) return false;
    const now = new Date();
    return utimes(this.path(sha256), now, now).then(
      () => true,
      () => false,
    );
  }

  async list(): Promise<readonly StoredBlob[]> {
    const blobs: StoredBlob[] = [];
    for (const { name, path } of await this.files()) {
      if (!SHA256.test(name)) continue;
      const found = await stat(path).catch(() => null);
      if (found !== null) blobs.push({ sha256: name, bytes: found.size, usedAtMs: found.mtimeMs });
    }
    return blobs;
  }

  /**
   * Deletes a blob unless it was used in the meantime: it is set aside first, so that whoever stores it meanwhile
   * writes it anew, and put back when it turns out to have been touched.
   * @param unusedSinceMs deletes it only when it was not used since
   */
  async remove(sha256: string, unusedSinceMs: number): Promise<boolean> {
    const file = this.path(sha256);
    const doomed = `${file}.${randomUUID()}${DOOMED}`;
    try {
      await rename(file, doomed);
      const { mtimeMs } = await stat(doomed);
      if (mtimeMs >= unusedSinceMs) {
        await rename(doomed, file);
        return false;
      }
      await rm(doomed);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  }

  /** Deletes what killed uploads left behind, and puts back what a killed collector had in hand. */
  async tidy(nowMs: number): Promise<void> {
    for (const { name, path } of await this.files()) {
      const found = SHA256.test(name) ? null : await stat(path).catch(() => null);
      if (found === null || nowMs - found.ctimeMs < UNFINISHED_MS) continue;
      if (name.endsWith(DOOMED)) await rename(path, this.path(name.slice(0, 64)));
      else await rm(path, { force: true });
    }
  }

  private async files(): Promise<readonly { readonly name: string; readonly path: string }[]> {
    const folders = await readdir(this.directory).catch(() => []);
    const nested = await Promise.all(
      folders.map(async (folder) => {
        const names = await readdir(join(this.directory, folder)).catch(() => []);
        return names.map((name) => ({ name, path: join(this.directory, folder, name) }));
      }),
    );
    return nested.flat();
  }

  private path(sha256: string): string {
    return join(this.directory, sha256.slice(0, 2), sha256);
  }
}

async function writeChunks(
  file: string,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  limitBytes: number,
  sha256: string,
): Promise<number> {
  const hash = createHash('sha256');
  let bytes = 0;
  const handle = await open(file, 'wx');
  try {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > limitBytes)
        throw new LutraError('payload-too-large', `a blob has ${limitBytes} bytes at most`);
      hash.update(chunk);
      await handle.writeFile(chunk);
    }
    const actual = hash.digest('hex');
    if (actual !== sha256) throw new LutraError('conflict', `the hash of the ${bytes} bytes is ${actual}`);
    await handle.sync();
    return bytes;
  } finally {
    await handle.close();
  }
}

function notFound(sha256: string): LutraError {
  return new LutraError('not-found', `there is no blob ${sha256}`);
}
