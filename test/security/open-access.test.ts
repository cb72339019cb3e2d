import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TokenRepository } from '../../db/repositories/tokens.js';
import { startTestApp, type TestApp } from '../api/test-app.js';

let t: TestApp;
beforeEach(async () => {
  t = await startTestApp();
});
afterEach(() => t.close());

const jobs = (headers: Record<string, string> = {}, remoteAddress = '127.0.0.1') =>
  t.inject({ method: 'GET', url: '/jobs', headers, remoteAddress });
const drain = (headers: Record<string, string>) =>
  t.inject({ method: 'POST', url: '/devices/bench/drain', headers: { host: '127.0.0.1:8787', ...headers } });

describe('without any token', () => {
  it('this machine may do everything, and is called local', async () => {
    expect((await t.get('/session')).json()).toEqual({
      authenticated: true,
      name: 'local',
      scopes: ['read', 'submit', 'device', 'admin'],
      device: null,
    });
    for (const address of ['127.0.0.1', '127.8.9.1', '::1', '::ffff:127.0.0.1']) {
      expect((await jobs({}, address)).statusCode, address).toBe(200);
    }
  });

  it('other machines may do nothing, nor whom a proxy here passes on', async () => {
    for (const address of ['192.168.1.7', '10.0.0.1', '::ffff:10.0.0.1', '2001:db8::1']) {
      expect((await jobs({}, address)).statusCode, address).toBe(401);
    }
    expect((await jobs({ 'x-forwarded-for': '203.0.113.9' })).statusCode).toBe(401);
    expect((await jobs({ forwarded: 'for=203.0.113.9' })).statusCode).toBe(401);
  });

  it('pages of other origins change nothing', async () => {
    expect((await drain({ origin: 'https://evil.example' })).json().code).toBe('forbidden');
    expect((await drain({ origin: 'http://127.0.0.1:3000' })).json().code).toBe('forbidden');
    expect((await drain({ origin: 'null' })).json().code).toBe('forbidden');
    expect((await drain({ 'sec-fetch-site': 'cross-site' })).json().code).toBe('forbidden');
    expect((await t.get('/devices/bench')).json().state).not.toBe('draining');
    expect((await drain({ origin: 'http://127.0.0.1:8787' })).statusCode).toBe(200);
    expect((await drain({ 'sec-fetch-site': 'same-origin' })).statusCode).toBe(200);
    expect((await drain({})).statusCode).toBe(200);
  });
});

it('a token that is wrong is refused even where none is needed', async () => {
  expect((await jobs({ authorization: 'Bearer lutra_nobody' })).statusCode).toBe(401);
});

it('the first token for people ends it, and its end does not bring it back; tokens of devices do not', async () => {
  const tokens = new TokenRepository(t.db);
  tokens.create({ name: 'board', scope: 'device', device: 'board' });
  expect((await jobs()).statusCode).toBe(200);
  const { text, row } = tokens.create({ name: 'me', scope: 'read' });
  expect((await jobs()).statusCode).toBe(401);
  expect((await jobs({ authorization: `Bearer ${text}` })).statusCode).toBe(200);
  tokens.revoke(row.id);
  expect((await jobs({ authorization: `Bearer ${text}` })).statusCode).toBe(401);
  expect((await jobs()).statusCode).toBe(401);
});
