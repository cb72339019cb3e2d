import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { AdaptationRepository } from '../../db/repositories/adaptations.js';
import { ChangeLog } from '../../db/repositories/changes.js';
import { DeviceRepository } from '../../db/repositories/devices.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { TokenRepository } from '../../db/repositories/tokens.js';
import { startTestApp, type TestApp } from '../api/test-app.js';

/** Two heartbeats, and what a busy machine needs. */
const LIMIT_MS = 45_000;

let t: TestApp;
let url: string;
let tokens: TokenRepository;
beforeEach(async () => {
  t = await startTestApp();
  await t.app.listen({ port: 0, host: '127.0.0.1' });
  url = `http://127.0.0.1:${(t.app.server.address() as AddressInfo).port}`;
  tokens = new TokenRepository(t.db);
});
afterEach(() => t.close());

interface Stream {
  text: string;
  ended: boolean;
}

/** Reads whatever comes. */
async function open(path: string, headers: Record<string, string>): Promise<Stream> {
  const answer = await fetch(`${url}${path}`, { headers });
  expect(answer.status).toBe(200);
  const stream: Stream = { text: '', ended: false };
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of answer.body!) stream.text += decoder.decode(chunk);
  };
  void read()
    .catch(() => undefined)
    .then(() => {
      stream.ended = true;
    });
  return stream;
}

const bearer = (text: string) => ({ authorization: `Bearer ${text}` });

async function cookie(text: string): Promise<{ cookie: string }> {
  const answer = await fetch(`${url}/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: text }),
  });
  return { cookie: String(answer.headers.get('set-cookie')).split(';')[0]! };
}

function adaptation(): string {
  const request = {
    candidate: { zoo: 'mobilenet-v3-tiny' },
    dataset: { kind: 'mnist' },
    budget: { ratio: 0.6 },
  };
  return new AdaptationRepository(t.db).create({ device: 'bench', ...request } as never).id;
}

it('event streams end with the token or cookie that opened them, and only then', async () => {
  // Without a token, while none is needed: the first one ends this.
  const local = await open('/events', {});
  const short = tokens.create({ name: 'short', scope: 'read', expiresAtMs: Date.now() + 8_000 });
  const revoked = tokens.create({ name: 'revoked', scope: 'submit' });
  const kept = tokens.create({ name: 'kept', scope: 'read' });
  const payload = { kind: 'train' } as never;
  const job = new JobRepository(t.db).create({ kind: 'train', queue: 'train', priority: 0, payload });
  const ending = {
    local,
    expired: await open('/events', bearer(short.text)),
    revoked: await open('/events', bearer(revoked.text)),
    session: await open('/events', await cookie(revoked.text)),
    job: await open(`/jobs/${job.id}/events`, bearer(revoked.text)),
    adaptation: await open(`/adaptations/${adaptation()}/events`, bearer(revoked.text)),
  };
  const staying = await open('/events', bearer(kept.text));
  tokens.revoke(revoked.row.id);

  // Streams that are never quiet end as well.
  const devices = new DeviceRepository(t.db);
  const busy = setInterval(() => {
    devices.register({ name: `d${new ChangeLog(t.db).lastId()}`, runtime: 'fake', options: { threads: 1 } });
  }, 500);
  onTestFinished(() => clearInterval(busy));
  const ended = () => Object.fromEntries(Object.entries(ending).map(([name, { ended }]) => [name, ended]));
  const all = { local: true, expired: true, revoked: true, session: true, job: true, adaptation: true };
  await expect.poll(ended, { timeout: LIMIT_MS, interval: 200 }).toEqual(all);

  const before = ending.revoked.text;
  devices.register({ name: 'later', runtime: 'fake', options: { threads: 1 } });
  await expect.poll(() => staying.text, { timeout: 5_000 }).toContain('later');
  expect(ending.revoked.text).toBe(before);
  await expect.poll(() => staying.text, { timeout: LIMIT_MS }).toContain(': still here');
  expect(staying.ended).toBe(false);
  const again = await fetch(`${url}/events`, { headers: bearer(revoked.text) });
  expect(again.status).toBe(401);
}, 120_000);
