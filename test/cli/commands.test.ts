import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { type Finished, runLutra, startApi, startLutra } from './run-lutra.js';

let api: Awaited<ReturnType<typeof startApi>>;
let folder: string;

beforeAll(async () => {
  api = await startApi();
  folder = mkdtempSync(join(tmpdir(), 'lutra-cli-files-'));
  const registered = await fetch(`${api.url}/devices`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'local', runtime: 'fake' }),
  });
  expect(registered.ok).toBe(true);
});

afterAll(async () => {
  await api.stop();
  rmSync(folder, { recursive: true, force: true });
});

function lutra(...args: readonly string[]): Promise<Finished> {
  return runLutra(args, { env: { LUTRA_URL: api.url } });
}

/** Standard output must be one JSON document, whatever else was said. */
async function json(...args: readonly string[]): Promise<{ code: number | null; document: never }> {
  const { code, stdout } = await lutra(...args, '--json');
  return { code, document: JSON.parse(stdout) as never };
}

const HELPED = [
  'quickstart',
  'serve',
  'measure',
  'estimate',
  'table',
  'adapt',
  'adapt list',
  'adapt follow',
  'jobs list',
  'jobs show',
  'devices list',
  'devices add',
  'devices drain',
  'doctor',
  'devices check',
  'compare',
  'sessions show',
  'sessions samples',
  'inspect',
  'zoo',
];

describe.concurrent('help', () => {
  test('of the whole command names every verb, the environment and the exit codes', async () => {
    const { code, stdout } = await runLutra(['--help']);
    expect(code).toBe(0);
    for (const word of [
      'measure',
      'adapt',
      'quickstart',
      'LUTRA_URL',
      'LUTRA_TOKEN',
      'LUTRA_DATA',
      'Exit codes:',
      '130',
    ]) {
      expect(stdout).toContain(word);
    }
  });

  test.each(HELPED)('of %s has examples and exit codes', async (verb) => {
    const { code, stdout } = await runLutra([...verb.split(' '), '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('Examples:');
    expect(stdout).toContain('Exit codes:');
  });
});

describe.concurrent('a wrong command line ends with 2 and leaves standard output empty', () => {
  test.each([
    ['an unknown option', ['measure', 'mobilenet-v3-tiny', '--widht', '1']],
    ['an unknown command', ['measur']],
    ['no command', []],
    ['no network', ['measure']],
    ['a width that is no number', ['measure', 'mobilenet-v3-tiny', '--width', 'wide']],
    ['a name and a document', ['inspect', 'mobilenet-v3-tiny', '--network', 'net.json']],
    ['a file that is not there', ['inspect', '--network', 'missing.json']],
    ['an address that is none', ['zoo', '--url', 'localhost']],
    ['two formats', ['table', '--csv', '--ndjson']],
    ['no budget', ['adapt', 'mobilenet-v3-tiny']],
    ['two budgets', ['adapt', 'mobilenet-v3-tiny', '--ratio', '0.5', '--budget', '3ms']],
    ['a latency that is none', ['adapt', 'mobilenet-v3-tiny', '--budget', 'fast']],
    ['a port that is none', ['serve', '--port', 'abc']],
    ['a port below 0', ['serve', '--port', '-1']],
    ['a device of a runtime that is none', ['serve', '--device', 'local:nope']],
    ['a device of more threads than there are cores', ['serve', '--device', 'local:999']],
    ['cores that are none', ['worker', '--cpu', 'abc']],
    ['no thread', ['worker', '--threads', '0']],
    ['a runtime that is none', ['worker', '--runtime', 'nope']],
    ['runtime options that are no JSON', ['worker', '--runtime-options', '{']],
    ['a role that is none', ['worker', '--role', 'watch']],
    ['images that are not there', ['worker', '--role', 'train', '--dataset', 'missing']],
    ['a download of no known form', ['adapt', 'mobilenet-v3-tiny', '--ratio', '0.5', '--download', 'net.pt']],
    [
      'a download of a run that is not waited for',
      ['adapt', 'mobilenet-v3-tiny', '--ratio', '0.5', '--no-wait', '--download', 'net.onnx'],
    ],
  ])('%s', async (_what, args) => {
    const { code, stdout, stderr } = await runLutra(args, {
      env: { LUTRA_URL: api.url, LUTRA_DATA: folder },
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).not.toBe('');
    expect(stderr).not.toMatch(/^ +at /m);
  });
});

describe.concurrent('without a server', () => {
  const nowhere = { env: { LUTRA_URL: 'http://127.0.0.1:9' } };

  test.each([
    ['jobs'],
    ['devices'],
    ['zoo'],
    ['table'],
    ['estimate', 'mobilenet-v3-tiny'],
    ['measure', 'mobilenet-v3-tiny'],
    ['compare', 'mobilenet-v2', 'mobilenet-v3-tiny:width=0.5'],
    ['sessions', 'show', '1'],
  ])('%s ends with 3 and says what to do', async (...args) => {
    const { code, stdout, stderr } = await runLutra(args, nowhere);
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
    expect(stderr).toContain('no Lutra server answers at http://127.0.0.1:9');
    expect(stderr).toContain('lutra serve');
  });

  test('--json says so as JSON', async () => {
    const { code, stdout } = await runLutra(['jobs', '--json'], nowhere);
    expect(code).toBe(3);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'unreachable' } });
  });

  test('--url wins over LUTRA_URL', async () => {
    const { code } = await runLutra(['zoo', '--url', api.url], nowhere);
    expect(code).toBe(0);
  });
});

describe.concurrent('what the server refuses ends with 1, code and pointer', () => {
  test('for people', async () => {
    const { code, stdout, stderr } = await lutra('measure', 'mobilenet-v3-tiny', '--width', '99');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('code invalid-zoo-option, at body /candidate/options/width');
  });

  test('for machines', async () => {
    const { code, document } = await json('measure', 'mobilenet-v9');
    expect(code).toBe(1);
    expect(document).toMatchObject({ error: { code: 'unknown-zoo-network', pointer: '/candidate/zoo' } });
  });

  test('a job that is not there', async () => {
    const { code, stderr } = await lutra('jobs', 'show', 'job_none');
    expect(code).toBe(1);
    expect(stderr).toContain('code not-found');
  });

  test('an unknown device', async () => {
    const { code, document } = await json('estimate', 'mobilenet-v3-tiny', '--device', 'toaster');
    expect(code).toBe(1);
    expect(document).toMatchObject({ error: { code: 'unknown-device' } });
  });
});

describe.concurrent('looking', () => {
  test('zoo lists names, and one with its options', async () => {
    const list = await json('zoo');
    expect(list).toMatchObject({ code: 0, document: { networks: expect.any(Array) } });
    const { stdout } = await lutra('zoo', 'mobilenet-v3-tiny');
    expect(stdout).toMatch(/stemStride +2 +1 +2/);
  });

  test('inspect gives the same for a name, a file and standard input', async () => {
    const network = buildZooNetwork('mobilenet-v3-tiny', { width: 2 });
    const file = join(folder, 'network.json');
    writeFileSync(file, JSON.stringify(network));
    const byName = await json('inspect', 'mobilenet-v3-tiny', '--width', '2', '-o', 'stemStride=2');
    const byFile = await json('inspect', '--network', file);
    const piped = await runLutra(['inspect', '--network', '-', '--json'], {
      env: { LUTRA_URL: api.url },
      stdin: JSON.stringify({ network }),
    });
    const { networkHash } = byName.document as { networkHash: string };
    expect(networkHash).toMatch(/^[0-9a-f]{64}$/);
    expect(byFile.document).toMatchObject({ networkHash });
    expect(JSON.parse(piped.stdout)).toMatchObject({ networkHash });
  });

  test('inspect prints counts, ops and width groups', async () => {
    const { code, stdout } = await lutra('inspect', 'mobilenet-v3-tiny');
    expect(code).toBe(0);
    expect(stdout).toContain('60,202');
    expect(stdout).toMatch(/block 4 · project +24 +3/);
    expect(stdout).toMatch(/classifier · dense 2 +10 +1 +kept/);
  });

  test('estimate combines widths and resolutions, and never calls an unknown op 0', async () => {
    const { code, document } = await json(
      'estimate',
      'mobilenet-v3-tiny',
      '--width',
      '0.5,1',
      '--resolution',
      '28,32',
    );
    expect(code).toBe(0);
    const { estimates } = document as {
      estimates: readonly { latencyMs: number | null; missing: string[] }[];
    };
    expect(estimates.length).toBe(4);
    for (const estimate of estimates) {
      expect(estimate.latencyMs).toBeNull();
      expect(estimate.missing.length).toBeGreaterThan(20);
    }
    const { stdout } = await lutra('estimate', 'mobilenet-v3-tiny', '--width', '0.5,1');
    expect(stdout).toMatch(/mobilenet-v3-tiny +width 0\.5 +local +unknown/);
    expect(stdout).toContain('lutra measure fills the table');
  });

  test('estimate reads candidates one a line from standard input', async () => {
    const lines = ['{"zoo":"mobilenet-v3-tiny"}', JSON.stringify(buildZooNetwork('mobilenet-v3-tiny', {}))];
    const { stdout } = await runLutra(['estimate', '--candidates', '-', '--json'], {
      env: { LUTRA_URL: api.url },
      stdin: lines.join('\n'),
    });
    expect((JSON.parse(stdout) as { estimates: unknown[] }).estimates.length).toBe(2);
  });

  test('table streams CSV with a header', async () => {
    const { code, stdout } = await lutra('table', '--csv');
    expect(code).toBe(0);
    expect(stdout.split('\n')[0]).toMatch(/^key,latency_ms,/);
    expect(await json('table')).toMatchObject({ code: 0, document: { device: 'local', entries: [] } });
  });
});

describe('devices', () => {
  test('are listed, drained and resumed', async () => {
    expect(await json('devices')).toMatchObject({ code: 0, document: { devices: [{ name: 'local' }] } });
    expect((await lutra('devices', 'drain', 'local')).stdout).toBe('local is draining\n');
    expect(await json('devices', 'show', 'local')).toMatchObject({ document: { state: 'draining' } });
    expect((await lutra('devices', 'resume', 'local')).stdout).toBe('local is offline\n');
  });

  test('are added with an engine, threads and an element type, if the engine has them', async () => {
    const q8 = ['devices', 'add', 'q8', '--runtime', 'onnxruntime', '--dtype', 'int8', '--threads', '2'];
    expect(await json(...q8)).toMatchObject({
      code: 0,
      document: { name: 'q8', runtime: 'onnxruntime', dtype: 'int8', threads: 2, environment: null },
    });
    expect(await json('devices', 'add', 'w', '--runtime', 'tfjs-wasm', '--threads', '2')).toMatchObject({
      code: 1,
      document: { error: { code: 'invalid-request', pointer: '/threads' } },
    });
  });
});

describe('jobs', () => {
  async function submit(): Promise<string> {
    const { code, document } = await json('measure', 'mobilenet-v3-tiny', '--no-wait');
    expect(code).toBe(0);
    return (document as { id: string }).id;
  }

  test('are listed with their state, and a cancelled one is no success', async () => {
    const id = await submit();
    expect((await lutra('jobs')).stdout).toMatch(new RegExp(`${id} +measure +local`));
    expect(await json('jobs', 'cancel', id)).toMatchObject({
      code: 0,
      document: { id, outcome: 'cancelled' },
    });
    const shown = await lutra('jobs', 'show', id);
    expect(shown.code).toBe(1);
    expect(shown.stdout).toContain('finished: cancelled');
  });

  test('the same idempotency key gives the same job', async () => {
    const args = ['measure', 'mobilenet-v3-tiny', '--no-wait', '--idempotency-key', 'once'];
    const [first, second] = [await json(...args), await json(...args)];
    expect((first.document as { id: string }).id).toBe((second.document as { id: string }).id);
  });

  test('following ends when the job does, with its outcome', async () => {
    const id = await submit();
    const following = startLutra(['jobs', 'follow', id, '--json'], { env: { LUTRA_URL: api.url } });
    await following.said(/Waiting/);
    await lutra('jobs', 'cancel', id);
    const { code, stdout } = await following.finished;
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ id, outcome: 'cancelled' });
  });

  test('Ctrl-C ends the watching with 130, not the job', async () => {
    const measuring = startLutra(['measure', 'mobilenet-v3-tiny', '--json'], { env: { LUTRA_URL: api.url } });
    await measuring.said(/Waiting/);
    measuring.kill('SIGINT');
    const { code, stdout, stderr } = await measuring.finished;
    expect(code).toBe(130);
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'interrupted' } });
    const id = /lutra jobs follow (job_\w+)/.exec(stderr)?.[1];
    expect(await json('jobs', 'show', id ?? '')).toMatchObject({ code: 0, document: { status: 'queued' } });
  });
});

describe('adaptations', () => {
  test('are submitted, listed and cancelled', async () => {
    const { code, document } = await json('adapt', 'mobilenet-v3-tiny', '--ratio', '0.8', '--no-wait');
    expect(code).toBe(0);
    const { id } = document as { id: string };
    expect(document).toMatchObject({
      request: { device: 'local', dataset: { kind: 'mnist' }, budget: { ratio: 0.8 } },
    });
    expect((await lutra('adapt', 'list')).stdout).toContain(id);
    expect(await json('adapt', 'cancel', id)).toMatchObject({ code: 0 });
    expect((await lutra('adapt', 'show', id)).stdout).toContain(id);
  });

  test('a download that there is nothing for is no success', async () => {
    const { document } = await json('adapt', 'mobilenet-v3-tiny', '--ratio', '0.8', '--no-wait');
    const { id } = document as { id: string };
    const file = join(folder, 'small.onnx');
    const shown = await lutra('adapt', 'show', id, '--download', file);
    expect(shown.code).toBe(1);
    expect(shown.stdout).toContain(id);
    expect(shown.stderr).toContain(`Nothing was saved to ${file}`);
    expect(existsSync(file)).toBe(false);
    expect((await lutra('adapt', 'show', id)).code).toBe(0);
  });

  test('a latency is given in the unit that one thinks in', async () => {
    const { document } = await json(
      'adapt',
      'mobilenet-v3-tiny',
      '--budget',
      '800us',
      '--no-baselines',
      '--no-wait',
    );
    expect(document).toMatchObject({ request: { budget: { latencyMs: 0.8 }, baselines: false } });
  });

  test('a data set that is not there is refused', async () => {
    const { code, document } = await json(
      'adapt',
      'mobilenet-v3-tiny',
      '--ratio',
      '0.8',
      '--dataset',
      folder,
    );
    expect(code).toBe(1);
    expect(document).toMatchObject({ error: { code: 'unknown-dataset' } });
  });
});
