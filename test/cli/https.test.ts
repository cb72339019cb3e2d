import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { ServerMessage } from '../../services/api/server-message.js';
import { runLutra, startLutra } from './run-lutra.js';

const API = fileURLToPath(new URL('../../dist/services/api/server.js', import.meta.url));

let folder: string;
let data: string;
let ca: string;
let api: ChildProcess;
let url: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lutra-cli-https-'));
  data = join(folder, 'data');
  ca = join(data, 'tls', 'certificate.pem');
  api = fork(API, ['--https', '--port', '0', '--data', data], { silent: true });
  const [message] = (await once(api, 'message')) as [ServerMessage];
  if (message.type !== 'listening') throw new Error(message.message);
  ({ url } = message);
}, 60_000);
afterAll(async () => {
  const gone = once(api, 'exit');
  api.kill('SIGTERM');
  await gone;
  rmSync(folder, { recursive: true, force: true });
});

/** From a folder without data of its own, where nothing is found by chance. */
const lutra = (args: readonly string[], env: Record<string, string> = {}) =>
  runLutra(args, { env: { LUTRA_URL: url, ...env }, cwd: folder });

describe('a server with a certificate of its own', () => {
  it('is refused by commands that were not told to trust it, with what to do', async () => {
    expect(url).toMatch(/^https:/);
    const { code, stderr } = await lutra(['jobs', 'list']);
    expect(code).toBe(3);
    expect(stderr).toMatch(
      /\(DEPTH_ZERO_SELF_SIGNED_CERT\)\n.*copy tls\/certificate\.pem .* --ca or LUTRA_CA/,
    );
    const plain = await lutra(['jobs', 'list'], { LUTRA_URL: url.replace('https:', 'http:') });
    expect(plain.code).toBe(3);
    expect(plain.stderr).toContain('was it started with --https?');
  });

  it('is spoken to by those that were told, by an option, by the environment, or by its data folder', async () => {
    for (const [args, env] of [
      [['--ca', ca], {}],
      [[], { LUTRA_CA: ca }],
      [[], { LUTRA_DATA: data, LUTRA_URL: url.replace('127.0.0.1', 'localhost') }],
    ] as const) {
      const { code, stdout, stderr } = await lutra(['jobs', 'list', '--json', ...args], env);
      expect(code, stderr).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ jobs: [] });
    }
    const refused = await lutra(['jobs', 'show', 'nobody', '--ca', ca]);
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining('code not-found')]);
  });

  it('is not named by a file that holds no certificate', async () => {
    const other = join(folder, 'other.pem');
    writeFileSync(other, 'no certificate');
    for (const file of [other, join(folder, 'missing.pem')]) {
      const { code, stderr } = await lutra(['jobs', 'list', '--ca', file]);
      expect(code).toBe(2);
      expect(stderr).toContain(file);
    }
  });

  it('has workers, which measure for commands', async () => {
    const board = ['worker', '--server', url, '--device', 'board', '--runtime', 'fake'];
    const stranger = startLutra(board, { cwd: folder });
    onTestFinished(() => stranger.kill('SIGINT'));
    await stranger.said(/not trusted here: copy tls\/certificate\.pem .*DEPTH_ZERO_SELF_SIGNED_CERT/);
    stranger.kill('SIGINT');
    await stranger.finished;

    const worker = startLutra([...board, '--ca', ca], { cwd: folder });
    onTestFinished(() => worker.kill('SIGINT'));
    await worker.said(/device described/);
    const network = ['measure', 'mobilenet-v3-tiny', '--device', 'board', '--json'];
    const measured = await lutra(network, { LUTRA_CA: ca });
    expect(measured.code, measured.stderr).toBe(0);
    worker.kill('SIGINT');
    expect((await worker.finished).code).toBe(0);
  }, 120_000);
});
