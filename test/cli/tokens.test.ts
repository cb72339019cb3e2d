import { existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openDatabase } from '../../db/open-database.js';
import { TokenRepository } from '../../db/repositories/tokens.js';
import { temporaryDirectory } from '../db/temporary-directory.js';
import { runLutra, startApi } from './run-lutra.js';

function dangling(folder: string): string {
  symlinkSync(join(folder, 'nowhere'), join(folder, 'link'));
  return join(folder, 'link');
}

/** An administrator's token that is written into a file. */
const createInto = (file: string, data: string) =>
  runLutra(['tokens', 'create', '--name', 'w', '--scope', 'admin', '--data', data, '--out', file]);

describe('lutra tokens', () => {
  it('makes the first one in a folder without anything, lists it without its secret, and revokes it', async () => {
    const data = join(temporaryDirectory(), 'data');
    const made = await runLutra(['tokens', 'create', '--name', 'me', '--scope', 'submit', '--data', data]);
    expect(made.code, made.stderr).toBe(0);
    expect(made.stdout).toMatch(/^lutra_[0-9a-z]{10}_[0-9a-z]{52}\n$/);
    const text = made.stdout.trim();
    const id = text.split('_')[1] ?? '';
    const listed = await runLutra(['tokens', '--data', data]);
    expect(listed.stdout).toMatch(new RegExp(`${id}.*me.*submit.*valid`));
    expect(listed.stdout).not.toContain(text.slice(-52));
    const db = openDatabase(join(data, 'lutra.db'));
    expect(new TokenRepository(db).authenticate(text)).toMatchObject({ name: 'me', scope: 'submit' });
    const revoked = await runLutra(['tokens', 'revoke', id], { env: { LUTRA_DATA: data } });
    expect(revoked.stdout).toBe(`me (${id}) is revoked\n`);
    expect(new TokenRepository(db).authenticate(text)).toBeUndefined();
    expect((await runLutra(['tokens', '--json', '--data', data])).stdout).toContain('"revokedAtMs": 1');
    db.close();
  });

  it('makes one that ends, and one for a device', async () => {
    const data = temporaryDirectory();
    const create = (...more: string[]) =>
      runLutra(['tokens', 'create', '--name', 'x', '--data', data, '--json', ...more]);
    const ending = JSON.parse((await create('--scope', 'read', '--expires', '90d')).stdout).token;
    expect(ending.expiresAtMs - ending.createdAtMs).toBeGreaterThan(90 * 86_400_000 - 60_000);
    expect(ending.expiresAtMs - ending.createdAtMs).toBeLessThanOrEqual(90 * 86_400_000);
    const bound = JSON.parse((await create('--scope', 'device', '--device', 'board')).stdout).token;
    expect(bound.device).toBe('board');
    const wrong = await create('--scope', 'read', '--device', 'board');
    expect(wrong.code).toBe(1);
    expect(JSON.parse(wrong.stdout).error.code).toBe('invalid-request');
    expect((await create('--scope', 'all')).code).toBe(2);
    expect((await create('--scope', 'read', '--expires', 'soon')).code).toBe(2);
  });

  it('writes one to a file of its own, and keeps a valid one there', async () => {
    const data = temporaryDirectory();
    const file = join(data, 'worker.token');
    const create = () =>
      runLutra(['tokens', 'create', '--name', 'w', '--scope', 'device', '--data', data, '--out', file]);
    expect((await create()).stdout).toBe(`${file}\n`);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const text = readFileSync(file, 'utf8');
    expect((await create()).code).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(text);
    await runLutra(['tokens', 'revoke', text.split('_')[1] ?? '', '--data', data]);
    const refused = await create();
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('holds no valid token');
  });

  it.each([
    ['a folder that is not there', (data: string) => join(data, 'none', 'worker.token'), 'no such folder'],
    ['a folder', (data: string) => data, 'it is a folder'],
    ['a link that leads nowhere', (data: string) => dangling(data), 'something is there already'],
  ])('makes none for a file that cannot be written: %s', async (_what, fileIn, reason) => {
    const data = temporaryDirectory();
    const file = fileIn(data);
    const made = await createInto(file, data);
    expect(made.code).toBe(1);
    expect(made.stderr).toContain(`--out ${file}: `);
    expect(made.stderr).toContain(reason);
    expect(made.stderr).toContain('code invalid-request');
    const db = openDatabase(join(data, 'lutra.db'));
    expect(new TokenRepository(db).list()).toEqual([]);
    expect(new TokenRepository(db).isGuarded()).toBe(false);
    db.close();
  });

  it('leaves no file behind where the token could not be stored', async () => {
    const data = temporaryDirectory();
    const file = join(data, 'worker.token');
    const db = openDatabase(join(data, 'lutra.db'));
    db.exec("CREATE TRIGGER refuse BEFORE INSERT ON token BEGIN SELECT raise(ABORT, 'refused'); END");
    const made = await createInto(file, data);
    expect(made.code).toBe(1);
    expect(existsSync(file)).toBe(false);
    db.close();
  });

  it('makes no database where there is none to list', async () => {
    const data = temporaryDirectory();
    const answer = await runLutra(['tokens', 'list', '--data', data]);
    expect(answer.code).toBe(1);
    expect(answer.stderr).toContain('there is no database');
    expect(existsSync(join(data, 'lutra.db'))).toBe(false);
  });
});

it('LUTRA_TOKEN and --token are sent, and a refusal is told', async () => {
  const api = await startApi();
  try {
    const { text } = new TokenRepository(api.db).create({ name: 'me', scope: 'read' });
    const env = { LUTRA_URL: api.url };
    const refused = await runLutra(['jobs'], { env });
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('code unauthorized');
    expect((await runLutra(['jobs'], { env: { ...env, LUTRA_TOKEN: text } })).code).toBe(0);
    expect((await runLutra(['jobs', '--token', text], { env })).code).toBe(0);
    const file = join(temporaryDirectory(), 'token');
    writeFileSync(file, `${text}\n`);
    expect((await runLutra(['jobs'], { env: { ...env, LUTRA_TOKEN_FILE: file } })).code).toBe(0);
    expect((await runLutra(['jobs'], { env: { ...env, LUTRA_TOKEN_FILE: '/none' } })).code).toBe(2);
    const drain = await runLutra(['devices', 'drain', 'x'], { env: { ...env, LUTRA_TOKEN: text } });
    expect(drain.stderr).toContain('code forbidden');
  } finally {
    await api.stop();
  }
});
