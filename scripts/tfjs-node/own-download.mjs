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
  const { child, end } = runInstallScript(packageFolder);
  // The child has a group of its own, which Ctrl-C does not reach.
  const onSignal = () => {
    killGroup(child);
    writeFileSync(manifest, original);
    process.exit(130);
  };
  process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
  try {
    const why = await end;
    if (works()) return undefined;
    return why ?? 'it ended, but the library does not load';
  } finally {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
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
  const end = new Promise((resolve) => {
    const timers = [
      setTimeout(() => {
        if (!hasLibraryFiles(packageFolder)) stop(`nothing came within ${FIRST_BYTE_MS / 1000} s`);
      }, FIRST_BYTE_MS),
      setTimeout(() => stop(`not done after ${WHOLE_MS / 60_000} minutes`), WHOLE_MS),
    ];
    const finish = (why) => {
      for (const timer of timers) clearTimeout(timer);
      resolve(why);
    };
    const stop = (why) => {
      killGroup(child);
      finish(why);
    };
    child.on('error', (error) => finish(error.message));
    child.on('close', (code) => {
      finish(code === 0 ? undefined : (/^(?:\w*Error): .+$/m.exec(stderr)?.[0] ?? `exit code ${code}`));
    });
  });
  return { child, end };
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
