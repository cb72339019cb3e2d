import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { usageError } from './cli-error.js';

export const DEFAULT_URL = 'http://127.0.0.1:8787';

const LOOPBACK: ReadonlySet<string> = new Set(['localhost', '127.0.0.1', '[::1]']);

/** Where the server is and how to speak to it. */
export interface Settings {
  /** Without a slash at its end. */
  readonly url: string;
  readonly token: string | undefined;
  /** Whom to trust besides the authorities that Node knows: a file of certificates in PEM, absolute. */
  readonly caFile?: string;
}

/**
 * Options win over `LUTRA_URL`, `LUTRA_CA` and `LUTRA_TOKEN`, which wins over the file that `LUTRA_TOKEN_FILE` names.
 */
export function resolveSettings(
  options: { readonly url?: string; readonly token?: string; readonly ca?: string },
  env: Readonly<Record<string, string | undefined>>,
): Settings {
  const given = options.url ?? env.LUTRA_URL ?? DEFAULT_URL;
  const parsed = URL.canParse(given) ? new URL(given) : null;
  if (parsed === null || (parsed.protocol !== 'http:' && parsed.protocol !== 'https:')) {
    throw usageError(`${given} is not an http address`, `e.g. LUTRA_URL=${DEFAULT_URL}`);
  }
  const caFile = options.ca ?? env.LUTRA_CA ?? ownCertificate(parsed, env.LUTRA_DATA);
  return {
    url: given.replace(/\/+$/, ''),
    token: options.token ?? env.LUTRA_TOKEN ?? tokenIn(env.LUTRA_TOKEN_FILE),
    ...(caFile === undefined ? {} : { caFile: checked(caFile) }),
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

/** What a `lutra serve --https` of this machine signed, where its data folder is the one that commands take anyway. */
function ownCertificate({ protocol, hostname }: URL, data = '.lutra'): string | undefined {
  if (protocol !== 'https:' || !LOOPBACK.has(hostname)) return undefined;
  const file = join(data, 'tls', 'certificate.pem');
  return existsSync(file) ? file : undefined;
}

/** Node passes over a file that it cannot read with no more than a warning. */
function checked(file: string): string {
  try {
    const text = readFileSync(file, 'utf8');
    if (!text.includes('-----BEGIN CERTIFICATE-----')) throw new Error(`no certificate in PEM: ${file}`);
    new X509Certificate(text);
    return resolve(file);
  } catch (error) {
    throw usageError(
      `--ca: ${(error as Error).message}`,
      'lutra serve --https keeps its own in tls/certificate.pem',
    );
  }
}
