import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BlobStore } from '../../db/blob-store.js';
import { type Database, openDatabase } from '../../db/open-database.js';
import { SqliteJobQueue } from '../../queue/sqlite/sqlite-queue.js';
import { buildApp } from '../../services/api/app.js';

const LUTRA = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Started {
  readonly pid: number;
  readonly finished: Promise<Finished>;
  /** Resolves with the match once standard error holds it; rejects when the command ends without. */
  said(pattern: RegExp): Promise<RegExpExecArray>;
  /** The same for standard output. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): void;
}

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly cwd?: string;
}

/** Starts the built command as a user would: a process of its own, pipes for its streams. */
export function startLutra(args: readonly string[], options: RunOptions = {}): Started {
  const { LUTRA_URL: _url, LUTRA_TOKEN: _token, LUTRA_DATA: _data, LUTRA_CA: _ca, ...env } = process.env;
  const child = spawn(process.execPath, [LUTRA, ...args], {
    env: { ...env, ...options.env },
    stdio: 'pipe',
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  child.stdin.end(options.stdin ?? '');
  const closed = once(child, 'close').then(([code]) => ({ code: code as number | null, ...output }));
  const heard = async (name: 'stdout' | 'stderr', pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const match = pattern.exec(output[name]);
      if (match !== null) return match;
      const [ended] = await Promise.race([once(child[name], 'data'), closed.then((result) => [result])]);
      if (typeof ended !== 'object') continue;
      const late = pattern.exec(output[name]);
      if (late !== null) return late;
      throw new Error(`ended with ${ended.code} without ${pattern}:\n${output.stderr}`);
    }
  };
  return {
    pid: child.pid ?? 0,
    finished: closed,
    kill: (signal) => {
      child.kill(signal);
    },
    said: (pattern) => heard('stderr', pattern),
    printed: (pattern) => heard('stdout', pattern),
  };
}

export function runLutra(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return startLutra(args, options).finished;
}

/** The real api over a real database, listening; nothing works its queue. */
export async function startApi(): Promise<{
  readonly url: string;
  readonly db: Database;
  stop(): Promise<void>;
}> {
  const folder = mkdtempSync(join(tmpdir(), 'lutra-cli-'));
  const db = openDatabase(join(folder, 'lutra.db'));
  const app = await buildApp({ db, queue: new SqliteJobQueue(db), blobs: new BlobStore(folder) });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  return {
    db,
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      await app.close();
      db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
