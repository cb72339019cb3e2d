import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const FIRST_BYTE_MS = 20_000;
const WHOLE_MS = 10 * 60_000;

/**
 * Runs the install script of the package, which fetches libtensorflow and a binding from its maker's storage. Its exit
 * code says little, so `works` decides.
 * @returns undefined when it worked, else why not
 */
export async function tryOwnDownload(packageFolder, works) {
  // The script rewrites this file while it runs, and leaves it so when it is interrupted.
  const manifest = join(packageFolder, 'package.json');
  const original = readFileSync(manifest);
  try {
    const end = await runInstallScript(packageFolder);
    if (works()) return undefined;
    return end ?? 'it ended, but the library does not load';
  } finally {
    writeFileSync(manifest, original);
  }
}

function runInstallScript(packageFolder) {
  const binaries = join(packageFolder, '..', '..', '.bin');
  const child = spawn(process.execPath, ['scripts/install.js', 'cpu', 'download'], {
    cwd: packageFolder,
    env: { ...process.env, PATH: `${binaries}${delimiter}${process.env.PATH}` },
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr = (stderr + text).slice(-4000);
  });
  return new Promise((resolve) => {
    const stop = (why) => {
      resolve(why);
      killGroup(child);
    };
    const firstByte = setTimeout(() => {
      if (!hasLibraryFiles(packageFolder)) stop(`nothing came within ${FIRST_BYTE_MS / 1000} s`);
    }, FIRST_BYTE_MS);
    const whole = setTimeout(() => stop(`not done after ${WHOLE_MS / 60_000} minutes`), WHOLE_MS);
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code) => {
      clearTimeout(firstByte);
      clearTimeout(whole);
      resolve(code === 0 ? undefined : (/^(?:\w*Error): .+$/m.exec(stderr)?.[0] ?? `exit code ${code}`));
    });
  });
}

function hasLibraryFiles(packageFolder) {
  const folder = join(packageFolder, 'deps', 'lib');
  return existsSync(folder) && readdirSync(folder).length > 0;
}

/** The script starts others; they are all in the group of the child. */
function killGroup(child) {
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}
