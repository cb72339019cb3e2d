import { describe, expect, it } from 'vitest';
import { allowedCores, parseCoreList } from '../../services/serve/allowed-cores.js';
import { isLoopback } from '../../services/serve/is-loopback.js';
import { restartDelay } from '../../services/serve/restart-delay.js';

describe('restart delay', () => {
  it('doubles from 0.2 s to 10 s while a process keeps dying', () => {
    const delays: number[] = [];
    let failures = 0;
    for (let i = 0; i < 8; i++) {
      const next = restartDelay(failures, 50);
      delays.push(next.delayMs);
      failures = next.failures;
    }
    expect(delays).toEqual([200, 400, 800, 1600, 3200, 6400, 10_000, 10_000]);
  });

  it('starts anew after a healthy run', () => {
    expect(restartDelay(7, 30_000)).toEqual({ delayMs: 200, failures: 1 });
    expect(restartDelay(2, 29_999)).toEqual({ delayMs: 800, failures: 3 });
  });
});

describe('cores', () => {
  it('are read as the kernel lists them', () => {
    expect(parseCoreList('0')).toEqual([0]);
    expect(parseCoreList('0-3')).toEqual([0, 1, 2, 3]);
    expect(parseCoreList('2,4-5,9')).toEqual([2, 4, 5, 9]);
  });

  it('are at least one here', () => {
    expect(allowedCores().length).toBeGreaterThan(0);
  });
});

describe('loopback', () => {
  it.each(['127.0.0.1', '127.1.2.3', '::1', 'localhost'])('is %s', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each(['0.0.0.0', '::', '', '10.0.0.1', '127.0.0.1.example.com', '1270.0.0.1'])('is not %s', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});
