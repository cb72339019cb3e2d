import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTfjsTrainer } from '../../training/tfjs/tfjs-trainer.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
const script = join(root, 'scripts', 'tfjs-node.mjs');

const run = (args: readonly string[], env: NodeJS.ProcessEnv = process.env, cwd = root) =>
  spawnSync(process.execPath, [...args], { cwd, env, encoding: 'utf8' });

/** Calls one function of the script's parts in a process of its own. */
const call = (part: string, code: string, env?: NodeJS.ProcessEnv) =>
  run(
    [
      '--input-type=module',
      '--eval',
      `import * as part from ${JSON.stringify(join(root, 'scripts/tfjs-node', part))};
     try { ${code} } catch (error) { console.log(error.message); process.exit(error.exitCode ?? 99); }`,
    ],
    env,
  );

describe('npm run tfjs-node', () => {
  it('--check says the same as the trainer', async () => {
    const trainer = await createTfjsTrainer().catch(() => undefined);
    const { status, stdout, stderr } = run([script, '--check']);
    expect(status).toBe(trainer === undefined ? 1 : 0);
    expect(stdout + stderr).toMatch(
      trainer === undefined
        ? /^tfjs-node: does not work here: \S+/
        : /^tfjs-node: works already, with TensorFlow 2\./,
    );
  });

  it('refuses what it does not know', () => {
    const { status, stderr } = run([script, '--chekc']);
    expect([status, stderr]).toEqual([64, 'tfjs-node: unknown argument --chekc; known: --check, --wheel\n']);
  });

  it('names all tools that are missing at once, each with what installs it', () => {
    const { status, stdout } = call('toolchain.mjs', 'part.findToolchain({ pip: true });', {
      PATH: '/nowhere',
    });
    expect(status).toBe(3);
    for (const word of ['apt-get install python3', 'apt-get install make', 'apt-get install g++']) {
      expect(stdout).toContain(word);
    }
  });
});

describe('placing the library', () => {
  let folder: string;
  const at = (...parts: string[]) => join(folder, ...parts);
  const write = (file: string) => {
    mkdirSync(dirname(at(file)), { recursive: true });
    writeFileSync(at(file), file);
  };
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'lutra-tfjs-node-'));
    write('package/deps/lib/half-done');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const place = () =>
    call(
      'place-library.mjs',
      `part.placeLibrary(${JSON.stringify(at('source'))}, ${JSON.stringify(at('package'))}, {});`,
    );

  it.each([
    ['an unpacked wheel', '', 'libtensorflow_cc.so.2', 'libtensorflow_framework.so.2'],
    ['an archive of libtensorflow', 'lib/', 'libtensorflow.so.2.9.1', 'libtensorflow_framework.so.2.9.1'],
  ])(
    'takes the files of %s, and gives them the names that the linker looks for',
    (_, lib, library, framework) => {
      write(`source/${lib}${library}`);
      write(`source/${lib}${framework}`);
      write(`source/${lib}libother.so`);
      write('source/include/tensorflow/c/c_api.h');
      expect(place().stdout).toBe('');
      const names = [library, framework, 'libtensorflow.so', 'libtensorflow_framework.so'];
      expect(readdirSync(at('package/deps/lib')).sort()).toEqual(names.sort());
      expect(readlinkSync(at('package/deps/lib/libtensorflow.so'))).toBe(library);
      expect(readdirSync(at('package/deps/include/tensorflow/c'))).toEqual(['c_api.h']);
      expect(readdirSync(at('package'))).toEqual(['deps']);
      expect(readdirSync(at('source', lib))).toContain(library);
    },
  );

  it.each([
    ['is not there', [], 'does not exist'],
    ['has no headers', ['source/libtensorflow_cc.so.2'], 'has no include/tensorflow/c/c_api.h'],
    ['has no library', ['source/include/tensorflow/c/c_api.h'], 'has no libtensorflow.so'],
  ])('keeps what was there when the source %s', (_, files, words) => {
    for (const file of files) write(file);
    const { status, stdout } = place();
    expect(status).toBe(1);
    expect(stdout).toContain(words);
    expect(readdirSync(at('package/deps/lib'))).toEqual(['half-done']);
  });
});

describe('createTfjsTrainer', () => {
  it('says what to run where the package does not load', () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'lutra-without-tfjs-'));
    try {
      for (const part of ['core', 'training/tfjs']) {
        cpSync(join(root, 'dist', part), join(elsewhere, part), { recursive: true });
      }
      writeFileSync(join(elsewhere, 'package.json'), '{"type":"module"}');
      const code = `import { createTfjsTrainer } from './training/tfjs/tfjs-trainer.js';
        await createTfjsTrainer().catch(({ code, message }) => console.log(code + '|' + message));`;
      const { stdout } = run(['--input-type=module', '--eval', code], process.env, elsewhere);
      expect(stdout).toBe(
        "engine-unavailable|the native library of @tensorflow/tfjs-node does not load: run 'npm run tfjs-node'\n",
      );
    } finally {
      rmSync(elsewhere, { recursive: true });
    }
  });
});
