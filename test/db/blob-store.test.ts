import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { BlobStore } from '../../db/blob-store.js';
import { temporaryDirectory } from './temporary-directory.js';

/** SHA-256 of `abc`, as FIPS 180-2 gives it. */
const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

describe('blob store', () => {
  it('keeps bytes under their hash, and nothing else', async () => {
    const directory = temporaryDirectory();
    const blobs = new BlobStore(directory);
    expect(await blobs.has(ABC)).toBe(false);
    expect(await blobs.put(Buffer.from('abc'))).toBe(ABC);
    expect(await blobs.put(Buffer.from('abc'))).toBe(ABC);
    expect(Buffer.from(await blobs.get(ABC)).toString()).toBe('abc');
    expect(readdirSync(join(directory, 'blobs', 'ba'))).toEqual([ABC]);
  });

  it('survives the same blob being written many times at once', async () => {
    const directory = temporaryDirectory();
    const blobs = new BlobStore(directory);
    const hashes = await Promise.all(Array.from({ length: 20 }, () => blobs.put(Buffer.from('abc'))));
    expect(new Set(hashes)).toEqual(new Set([ABC]));
    expect(readdirSync(join(directory, 'blobs', 'ba'))).toEqual([ABC]);
  });

  it('says when a blob is not there, also for what is no hash', async () => {
    const blobs = new BlobStore(temporaryDirectory());
    await expect(blobs.get(ABC)).rejects.toMatchObject({ code: 'not-found' });
    await expect(blobs.get('../../etc/passwd')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('never returns damaged bytes', async () => {
    const directory = temporaryDirectory();
    const blobs = new BlobStore(directory);
    await blobs.put(Buffer.from('abc'));
    writeFileSync(join(directory, 'blobs', 'ba', ABC), 'abd');
    await expect(blobs.get(ABC)).rejects.toMatchObject({ code: 'internal' });
  });
});
