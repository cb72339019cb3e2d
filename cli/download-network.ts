import { writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { usageError } from './cli-error.js';
import { adaptationPath } from './follow-adaptation.js';
import type { ApiClient } from './http/api-client.js';

/**
 * Saves a run's adapted network with its trained weights.
 * @param file its ending chooses the form: `.onnx` or `.json`
 * @returns how many bytes were written
 */
export async function downloadNetwork(
  client: ApiClient,
  adaptationId: string,
  file: string,
): Promise<number> {
  const format = downloadFormat(file);
  const response = await client.request('GET', `${adaptationPath(adaptationId)}/network`, {
    query: { format, which: 'final' },
    headers: { accept: format === 'json' ? 'application/json' : 'application/octet-stream' },
  });
  const bytes = new Uint8Array(await response.arrayBuffer());
  await writeFile(file, bytes);
  return bytes.length;
}

/** The form that a file's ending asks for. */
export function downloadFormat(file: string): 'onnx' | 'json' {
  const ending = extname(file).toLowerCase();
  if (ending === '.onnx') return 'onnx';
  if (ending === '.json') return 'json';
  throw usageError(`${file}: the ending must be .onnx or .json`);
}
