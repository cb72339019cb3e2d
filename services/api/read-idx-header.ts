import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';

/** Magic number, then up to four axes of four bytes. */
const LONGEST_HEADER_BYTES = 20;

/**
 * The axes of an IDX file of bytes, plain or `.gz`, without reading its data.
 * @returns null when it is no such file
 * @throws the error of the file system when it cannot be read
 */
export async function readIdxHeader(file: string): Promise<readonly number[] | null> {
  const header = await readStart(file, LONGEST_HEADER_BYTES);
  const axes = header[3] ?? 0;
  if (header.length < 4 + 4 * axes || header.readUInt16BE(0) !== 0 || header[2] !== 0x08) return null;
  return Array.from({ length: axes }, (_, axis) => header.readUInt32BE(4 + 4 * axis));
}

async function readStart(file: string, byteCount: number): Promise<Buffer> {
  const source = createReadStream(file, { highWaterMark: 4096 });
  const plain = file.endsWith('.gz') ? source.pipe(createGunzip()) : source;
  // A pipe does not pass errors on: without this the loop below would wait for ever.
  source.once('error', (error) => plain.destroy(error));
  const chunks: Buffer[] = [];
  let read = 0;
  try {
    for await (const chunk of plain as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      read += chunk.length;
      if (read >= byteCount) break;
    }
  } finally {
    source.destroy();
  }
  return Buffer.concat(chunks).subarray(0, byteCount);
}
