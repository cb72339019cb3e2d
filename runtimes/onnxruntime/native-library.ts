import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileDigest } from '../file-digest.js';

export interface NativeLibrary {
  /** Of the package. */
  readonly version: string;
  /** SHA-256 of the shared library, hex; `''` where it was not found. */
  readonly digest: string;
}

let known: Promise<NativeLibrary> | undefined;

/** The onnxruntime library that this process loads; hashed once a process. */
export function nativeLibrary(): Promise<NativeLibrary> {
  known ??= inspect();
  return known;
}

async function inspect(): Promise<NativeLibrary> {
  const manifest = createRequire(import.meta.url).resolve('onnxruntime-node/package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  const folder = join(dirname(manifest), 'bin', 'napi-v6', process.platform, process.arch);
  const file = libraryFile(folder);
  return { version, digest: file === undefined ? '' : await fileDigest(file) };
}

function libraryFile(folder: string): string | undefined {
  try {
    const name = readdirSync(folder).find((entry) => /^(lib)?onnxruntime\.(so|dll|\d|dylib)/.test(entry));
    return name === undefined ? undefined : join(folder, name);
  } catch {
    return undefined;
  }
}
