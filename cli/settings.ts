import { readFileSync } from 'node:fs';
import { usageError } from './cli-error.js';

export const DEFAULT_URL = 'http://127.0.0.1:8787';

/** Where the server is and how to speak to it. */
export interface Settings {
  /** Without a slash at its end. */
  readonly url: string;
  readonly token: string | undefined;
}

/** Options win over `LUTRA_URL` and `LUTRA_TOKEN`, which wins over the file that `LUTRA_TOKEN_FILE` names. */
export function resolveSettings(
  options: { readonly url?: string; readonly token?: string },
  env: Readonly<Record<string, string | undefined>>,
): Settings {
  const given = options.url ?? env.LUTRA_URL ?? DEFAULT_URL;
  const parsed = URL.canParse(given) ? new URL(given) : null;
  if (parsed === null || (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')) {
    throw usageError(`${given} is not an http address`, `e.g. LUTRA_URL=${DEFAULT_URL}`);
  }
  return {
    url: given.replace(/\/+$/, ''),
    token: options.token ?? env.LUTRA_TOKEN ?? tokenIn(env.LUTRA_TOKEN_FILE),
  };
}

function tokenIn(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw usageError(`LUTRA_TOKEN_FILE: ${(error as Error).message}`);
  }
}
