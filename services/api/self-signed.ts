import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname, networkInterfaces } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  /** PEM. */
  readonly key: string;
  readonly cert: string;
}

const DAY_MS = 86_400_000;
/** Browsers refuse certificates that last longer than 398 days. */
const LIFETIME_MS = 365 * DAY_MS;
/** Others cannot stand in a certificate, or would look like an address. */
const HOST_NAME = /^(?=.*[a-z])[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?$/;

/**
 * A certificate that this machine signed itself, for its names and addresses, kept in the data folder so that a browser
 * that was told to trust it stays told. Made anew a month before it ends, or when the machine has other addresses.
 * `tls/certificate.pem` is the certificate alone, to be copied to whoever shall trust it; the key stays in a file that only
 * its owner reads.
 */
export async function selfSigned(dataDirectory: string, nowMs = Date.now()): Promise<Certificate> {
  const folder = join(dataDirectory, 'tls');
  const { key, cert } = await keptOrNew(folder, nowMs);
  writeFileSync(join(folder, 'certificate.pem'), cert);
  return { key, cert };
}

async function keptOrNew(folder: string, nowMs: number): Promise<Certificate> {
  const file = join(folder, 'certificate.json');
  const names = ownNames();
  const kept = readKept(file);
  if (kept !== null && kept.names.join() === names.join() && kept.endsAtMs - nowMs > 30 * DAY_MS) return kept;
  const endsAtMs = nowMs + LIFETIME_MS;
  const { generate } = await import('selfsigned');
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'Lutra' }], {
    algorithm: 'sha256',
    keyType: 'ec',
    notBeforeDate: new Date(nowMs - DAY_MS),
    notAfterDate: new Date(endsAtMs),
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
      { name: 'subjectAltName', altNames: names.map(altName) },
    ],
  });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(file, JSON.stringify({ key, cert, names, endsAtMs }), { mode: 0o600 });
  return { key, cert };
}

interface Kept extends Certificate {
  readonly names: readonly string[];
  readonly endsAtMs: number;
}

function readKept(file: string): Kept | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Kept;
  } catch {
    return null;
  }
}

/** What others may call this machine: its addresses, and its names. */
function ownNames(): readonly string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((own) =>
    (own ?? []).map(({ address }) => address),
  );
  // Addresses with a zone are nobody's but this machine's.
  const reachable = addresses.filter((address) => !address.startsWith('fe80'));
  const name = hostname().toLowerCase();
  return [...new Set(['localhost', ...(HOST_NAME.test(name) ? [name] : []), ...reachable])].toSorted();
}

function altName(name: string) {
  return /^[\d.]+$|:/.test(name) ? ({ type: 7, ip: name } as const) : ({ type: 2, value: name } as const);
}
