import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { LutraError } from '../../core/errors.js';
import { findIdxFile } from './find-idx-file.js';

/**
 * Names a directory of IDX files by what is in them: equal images and labels have equal hashes, wherever they lie and
 * whether or not they are packed. Streamed, so that large files hold up nobody.
 * @returns SHA-256, hex, of the SHA-256 of its four files unpacked: training images, their labels, test images, their
 * labels
 * @throws LutraError `unknown-dataset` naming the file that is missing or broken
 */
export async function datasetHash(directory: string): Promise<string> {
  const files = await Promise.all([
    findIdxFile(directory, 'train', 'images'),
    findIdxFile(directory, 'train', 'labels'),
    findIdxFile(directory, 't10k', 'images'),
    findIdxFile(directory, 't10k', 'labels'),
  ]);
  const hashes = await Promise.all(files.map(hashUnpacked));
  return createHash('sha256').update(hashes.join('\n')).digest('hex');
}

async function hashUnpacked(file: string): Promise<string> {
  const hash = createHash('sha256');
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      done();
    },
  });
  try {
    const source = createReadStream(file);
    await (file.endsWith('.gz') ? pipeline(source, createGunzip(), sink) : pipeline(source, sink));
  } catch (cause) {
    throw new LutraError('unknown-dataset', `${file} cannot be read, or is no complete gzip file`, { cause });
  }
  return hash.digest('hex');
}
