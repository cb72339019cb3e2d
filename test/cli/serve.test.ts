import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { QUICKSTART_PLAN } from '../../cli/quickstart-plan.js';
import { DEFAULT_PROTOCOL } from '../../contracts/measurement.js';
import { canonicalHash } from '../../db/canonical-json.js';
import { openDatabase } from '../../db/open-database.js';
import { JobRepository } from '../../db/repositories/jobs.js';
import { type Finished, runLutra, type Started, startLutra } from './run-lutra.js';

let folder: string;
let service: Started;
let url: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lutra-serve-'));
  service = startLutra([
    'serve',
    '--port',
    '0',
    '--data',
    join(folder, 'data'),
    '--runtime',
    'fake',
    '--trainers',
    '0',
    '--json',
  ]);
  const [line] = await service.printed(/^\{.*\}$/m);
  url = (JSON.parse(line) as { url: string }).url;
});

afterAll(async () => {
  service.kill('SIGTERM');
  await service.finished;
  rmSync(folder, { recursive: true, force: true });
});

function lutra(...args: readonly string[]): Promise<Finished> {
  return runLutra(args, { env: { LUTRA_URL: url } });
}

describe('a whole measurement through the command', () => {
  test('shows progress, prints network and ops, and fills the table', async () => {
    const measured = await lutra('measure', 'mobilenet-v3-tiny');
    expect(measured.code).toBe(0);
    expect(measured.stderr).toMatch(/Measuring mobilenet-v3-tiny/);
    expect(measured.stdout).toMatch(
      /mobilenet-v3-tiny, 27 ops on local: [\d.]+ µs steady, 95 % interval [\d.]+ – [\d.]+/,
    );
    expect(measured.stdout).toMatch(
      /conv2d:28x28x1>8:k3x3:s2x2:hswish:f32 +[\d.]+ +[\d.]+ – [\d.]+ +measured now/,
    );

    const table = await lutra('table', '--ndjson');
    expect(table.stdout.trim().split('\n').length).toBe(27);
    expect((await lutra('table')).stdout).toContain('27 of 27 entries for local');

    const estimated = await lutra('estimate', 'mobilenet-v3-tiny', '--json');
    const [estimate] = (
      JSON.parse(estimated.stdout) as { estimates: { coverage: number; latencyMs: number }[] }
    ).estimates;
    expect(estimate!.coverage).toBe(1);
    expect(estimate!.latencyMs).toBeGreaterThan(0);
  });

  test('a second one takes the ops from the table', async () => {
    const again = await lutra('measure', 'mobilenet-v3-tiny', '--json');
    expect(again.code).toBe(0);
    const { result } = JSON.parse(again.stdout) as { result: { ops: { source: string }[] } };
    expect(new Set(result.ops.map((op) => op.source))).toEqual(new Set(['table']));
    expect((await lutra('devices', 'show', 'local')).stdout).toMatch(/^ +2 +[\d.]+ +100\.0 % +\w+/m);
  });
});

describe('serve', () => {
  test('refuses what it cannot do, and says why', async () => {
    const { code, stderr } = await runLutra(['serve', '--host', '0.0.0.0', '--data', join(folder, 'other')]);
    expect(code).toBe(1);
    expect(stderr).toContain('0.0.0.0');
    expect(stderr).toContain('token');
    expect(existsSync(join(folder, 'other', 'lutra.db'))).toBe(false);
  });
});

describe('quickstart', () => {
  const quickstart = (data: string) =>
    startLutra([
      'quickstart',
      '--runtime',
      'fake',
      '--data',
      data,
      '--report',
      join(folder, 'report'),
      '--json',
    ]);

  /** Every process that the service started says its pid in the service's log. */
  function survivors(data: string): readonly number[] {
    const pids = [...readFileSync(join(data, 'serve.log'), 'utf8').matchAll(/"pid":(\d+)/g)].map(([, pid]) =>
      Number(pid),
    );
    expect(pids.length).toBeGreaterThan(3);
    return [...new Set(pids)].filter((pid) => {
      try {
        process.kill(pid, 0);
        return true;
      } catch {
        return false;
      }
    });
  }

  test('a seed that an earlier command did not get measured is measured again', async () => {
    const data = join(folder, 'cancelled-seed');
    const { device, candidate } = QUICKSTART_PLAN;
    const db = openDatabase(join(data, 'lutra.db'));
    const jobs = new JobRepository(db);
    const { id } = jobs.create(
      {
        kind: 'measure',
        queue: `device.${device}`,
        priority: 0,
        payload: {
          kind: 'measure',
          device,
          networks: [],
          ops: [],
          protocol: DEFAULT_PROTOCOL,
          remeasure: false,
        },
      },
      {
        route: 'POST /measure',
        key: 'quickstart-seed',
        bodyHash: canonicalHash({ device, candidate }),
      },
    );
    jobs.finish(id, { outcome: 'cancelled' });
    db.close();
    const again = quickstart(data);
    await again.said(/Adaptation adp_\w+/);
    again.kill('SIGINT');
    expect((await again.finished).code).toBe(130);
  });

  test('Ctrl-C stops everything and says how to go on; the same folder takes the run up', async () => {
    const data = join(folder, 'quickstart');
    const first = quickstart(data);
    const [, address] = await first.said(/Serving at (\S+)/);
    const [, id] = await first.said(/Adaptation (adp_\w+)/);
    first.kill('SIGINT');
    const interrupted = await first.finished;
    expect(interrupted.code).toBe(130);
    expect(JSON.parse(interrupted.stdout)).toMatchObject({ error: { code: 'interrupted' } });
    expect(interrupted.stderr).toContain(`npm run quickstart -- --data ${data}`);
    await expect(fetch(`${address}/healthz`)).rejects.toThrow();
    expect(survivors(data)).toEqual([]);

    const second = quickstart(data);
    await second.said(new RegExp(`Taking up adaptation ${id}`));
    second.kill('SIGKILL');
    await second.finished;
    // Nobody is left to stop the service: it notices by itself.
    const deadline = performance.now() + 20_000;
    while (survivors(data).length > 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
    expect(survivors(data)).toEqual([]);
  });
});
