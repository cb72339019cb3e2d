import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { ManagedProcess } from '../../services/serve/managed-process.js';
import { temporaryDirectory } from '../db/temporary-directory.js';
import { goneWithin, isAlive } from './processes.js';

interface Hello {
  readonly pid: number;
  readonly args: readonly string[];
}

const script = (name: string) => fileURLToPath(new URL(`./children/${name}.mjs`, import.meta.url));

function managed(name: string, args: readonly string[] = []) {
  const hellos: Hello[] = [];
  const waiting: ((hello: Hello) => void)[] = [];
  const logFile = join(temporaryDirectory(), 'child.log');
  const process = new ManagedProcess({
    name,
    entry: script(name),
    args,
    logFile,
    logger: pino({ level: 'silent' }),
    onMessage: (message) => {
      hellos.push(message as Hello);
      waiting.shift()?.(message as Hello);
    },
  });
  onTestFinished(() => {
    process.kill();
    return process.gone;
  });
  const hello = () => new Promise<Hello>((resolve) => waiting.push(resolve));
  return { process, logFile, hello, hellos };
}

describe('a managed process', () => {
  it('is started again when it is killed, with the arguments set since', async () => {
    const { process: managedProcess, hello } = managed('waits', ['first']);
    const first = hello();
    managedProcess.start();
    const { pid, args } = await first;
    expect(args).toEqual(['first']);
    const second = hello();
    managedProcess.setArguments(['second']);
    process.kill(pid, 'SIGKILL');
    const again = await second;
    expect(again.args).toEqual(['second']);
    expect(again.pid).not.toBe(pid);
    expect(isAlive(pid)).toBe(false);
  });

  it('is started again and again while it dies by itself', async () => {
    const { process: managedProcess, hello, hellos } = managed('dies');
    managedProcess.start();
    for (let i = 0; i < 3; i++) await hello();
    expect(new Set(hellos.map(({ pid }) => pid)).size).toBe(3);
  });

  it('stops when asked, says so in its log, and stays stopped', async () => {
    const { process: managedProcess, hello, hellos, logFile } = managed('waits');
    const ready = hello();
    managedProcess.start();
    const { pid } = await ready;
    managedProcess.stop();
    await managedProcess.gone;
    expect(isAlive(pid)).toBe(false);
    expect(readFileSync(logFile, 'utf8')).toBe('stopping\n');
    expect(managedProcess.pid).toBeUndefined();
    expect(hellos).toHaveLength(1);
  });

  it('is killed when it does not listen', async () => {
    const { process: managedProcess, hello } = managed('waits', ['stubborn']);
    const ready = hello();
    managedProcess.start();
    const { pid } = await ready;
    managedProcess.stop();
    expect(isAlive(pid)).toBe(true);
    managedProcess.kill();
    await managedProcess.gone;
    expect(isAlive(pid)).toBe(false);
  });

  it('is started again once its log can be opened', async () => {
    const { process: managedProcess, hello, logFile } = managed('waits');
    rmSync(dirname(logFile), { recursive: true });
    const ready = hello();
    managedProcess.start();
    expect(managedProcess.pid).toBeUndefined();
    mkdirSync(dirname(logFile));
    expect(isAlive((await ready).pid)).toBe(true);
  });

  describe('whose command cannot be executed', () => {
    const node = process.execPath;
    let missing: string;
    beforeEach(() => {
      missing = join(temporaryDirectory(), 'node');
      process.execPath = missing;
      return () => {
        process.execPath = node;
      };
    });

    it('is started again until it can', async () => {
      const { process: managedProcess, hello } = managed('waits');
      const ready = hello();
      managedProcess.start();
      expect(managedProcess.pid).toBeUndefined();
      symlinkSync(node, missing);
      const { pid } = await ready;
      expect(isAlive(pid)).toBe(true);
    });

    it('stops when asked', async () => {
      const { process: managedProcess } = managed('waits');
      managedProcess.start();
      managedProcess.stop();
      await managedProcess.gone;
      const { process: another } = managed('waits');
      another.start();
      await sleep(50);
      another.stop();
      await another.gone;
    });
  });

  it('goes away with a parent that was killed', async () => {
    const parent = fork(script('parent'), [join(temporaryDirectory(), 'child.log')]);
    const [{ pid }] = (await once(parent, 'message')) as [{ pid: number }];
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    expect(await goneWithin(pid, 5_000)).toBe(true);
  });
});
