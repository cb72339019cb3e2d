import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestApp, type TestApp } from './test-app.js';

let t: TestApp;
beforeAll(async () => {
  t = await startTestApp();
});
afterAll(() => t.close());

const scriptOf = (html: string) => /src="(\/assets\/[^"]+\.js)"/.exec(html)?.[1] ?? 'no script';

describe('the page', () => {
  it('is served at / under a policy that lets nothing foreign in', async () => {
    const page = await t.get('/');
    expect(page.statusCode).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(page.headers['cache-control']).toBe('no-cache');
    expect(page.headers['cross-origin-opener-policy']).toBe('same-origin');
    expect(page.headers['cross-origin-embedder-policy']).toBe('require-corp');
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toMatch(/script-src 'self'( 'wasm-unsafe-eval')?;/);
    expect(page.body).not.toMatch(/<script(?![^>]*src=)|\son[a-z]+=|<style/i);
    expect(page.body).not.toMatch(/https?:\/\//);
  });

  it('has assets that are kept for ever, compressed beforehand', async () => {
    const script = scriptOf((await t.get('/')).body);
    const plain = await t.get(script);
    expect(plain.statusCode).toBe(200);
    expect(plain.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    const packed = await t.get(script, { 'accept-encoding': 'gzip' });
    expect(packed.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(packed.rawPayload).equals(plain.rawPayload)).toBe(true);
    const brotli = await t.get(script, { 'accept-encoding': 'br, gzip' });
    expect(brotli.headers['content-encoding']).toBe('br');
    expect(brotliDecompressSync(brotli.rawPayload).equals(plain.rawPayload)).toBe(true);
  });

  it('gives away nothing beside its assets', async () => {
    for (const path of [
      '/assets/nothing.js',
      '/assets/../index.html',
      '/assets/%2e%2e/%2e%2e/package.json',
    ]) {
      const answer = await t.get(path);
      expect(answer.statusCode, path).toBeGreaterThanOrEqual(400);
      expect(answer.json().code, path).toMatch(/not-found|invalid-request|forbidden/);
    }
  });
});
