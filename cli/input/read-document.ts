import { readFile } from 'node:fs/promises';
import { usageError } from '../cli-error.js';
import type { Surroundings } from '../context.js';

/** A JSON file, or standard input for `-`. */
export async function readDocument(file: string, stdin: Surroundings['stdin']): Promise<unknown> {
  const text = await readText(file, stdin);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usageError(`${sourceName(file)} is not JSON: ${error instanceof Error ? error.message : error}`);
  }
}

/** One JSON document, or one on each line. */
export async function readDocuments(file: string, stdin: Surroundings['stdin']): Promise<readonly unknown[]> {
  const text = await readText(file, stdin);
  try {
    const whole: unknown = JSON.parse(text);
    return Array.isArray(whole) ? whole : [whole];
  } catch {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    return lines.map((line, index) => {
      try {
        return JSON.parse(line) as unknown;
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw usageError(`${sourceName(file)}, line ${index + 1} is not JSON: ${reason}`);
      }
    });
  }
}

async function readText(file: string, stdin: Surroundings['stdin']): Promise<string> {
  if (file === '-') {
    const chunks: string[] = [];
    for await (const chunk of stdin) {
      chunks.push(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
    }
    return chunks.join('');
  }
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw usageError(`cannot read ${file} (${code})`);
  }
}

function sourceName(file: string): string {
  return file === '-' ? 'standard input' : file;
}
