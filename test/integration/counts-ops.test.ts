import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runLutra } from '../cli/run-lutra.js';
import { temporaryDirectory } from '../db/temporary-directory.js';
import { RunningService } from './running-service.js';

/** 100 µs a call whatever its size, as tensors cost that cross into a library one by one. */
const CALLS = { opFixedNs: 100_000, macsPerNs: 5_000, elementsPerNs: 5_000, noise: 0.01 };

test('an adaptation on a device whose latency counts ops is refused in plain words, on the page too', async () => {
  const folder = temporaryDirectory();
  const service = await RunningService.start(join(folder, 'data'), CALLS);
  onTestFinished(() => service.stop());
  const request = join(folder, 'request.json');
  const steps = { steps: 1 };
  writeFileSync(
    request,
    JSON.stringify({
      device: 'local',
      candidate: { zoo: 'mobilenet-v3-tiny' },
      dataset: { kind: 'mnist' },
      budget: { ratio: 0.9 },
      recipes: { seed: steps, fineTune: steps, final: steps },
    }),
  );
  const report = join(folder, 'report');
  const { code, stdout } = await runLutra(['adapt', '--request', request, '--report', report], {
    env: { LUTRA_URL: service.url },
  });
  expect(code).toBe(4);
  const words = 'widths buy nothing on local: its latency counts ops';
  expect(stdout).toMatch(
    new RegExp(`failed: ${words}; budget 2\\.\\d+ ms on local: with every width at its least`),
  );
  expect(stdout).toContain('(unreachable-budget)');
  expect(readFileSync(join(report, 'index.html'), 'utf8')).toContain(words);
}, 120_000);
