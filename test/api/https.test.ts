import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { get } from 'node:https';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BlobStore } from '../../db/blob-store.js';
import { openDatabase } from '../../db/open-database.js';
import { SqliteJobQueue } from '../../queue/sqlite/sqlite-queue.js';
import { buildApp } from '../../services/api/app.js';
import { selfSigned } from '../../services/api/self-signed.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lutra-tls-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

it('signs for this machine, once, and keeps the key to itself', async () => {
  const first = await selfSigned(directory);
  const certificate = new X509Certificate(first.cert);
  expect(certificate.subjectAltName).toContain('DNS:localhost');
  expect(certificate.subjectAltName).toContain('IP Address:127.0.0.1');
  expect(certificate.subjectAltName).toContain(`DNS:${hostname().toLowerCase()}`);
  expect(statSync(join(directory, 'tls', 'certificate.json')).mode & 0o777).toBe(0o600);
  expect((await selfSigned(directory)).cert).toBe(first.cert);
  // What others are given holds no key; a folder of an earlier version gets it too.
  const pem = join(directory, 'tls', 'certificate.pem');
  expect(readFileSync(pem, 'utf8')).toBe(first.cert);
  expect(first.cert).not.toContain('PRIVATE KEY');
  expect(statSync(join(directory, 'tls')).mode & 0o777).toBe(0o700);
  rmSync(pem);
  expect((await selfSigned(directory)).cert).toBe(first.cert);
  expect(readFileSync(pem, 'utf8')).toBe(first.cert);
  // A month before it ends there is another.
  const later = await selfSigned(directory, Date.now() + 340 * 86_400_000);
  expect(later.cert).not.toBe(first.cert);
});

it('serves the api over TLS to whoever trusts the certificate', async () => {
  const certificate = await selfSigned(directory);
  const db = openDatabase(join(directory, 'lutra.db'));
  const app = await buildApp({
    db,
    queue: new SqliteJobQueue(db),
    blobs: new BlobStore(directory),
    certificate,
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as { port: number };
  const answer = await new Promise<string>((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/healthz', ca: certificate.cert }, (response) => {
      let text = '';
      response.on('data', (chunk) => {
        text += chunk;
      });
      response.on('end', () => resolve(text));
    }).on('error', reject);
  });
  expect(JSON.parse(answer)).toEqual({ status: 'ok' });
  await app.close();
  db.close();
});
