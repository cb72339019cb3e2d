import { spawnSync } from 'node:child_process';
import { existsSync, statfsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Finding } from '../../contracts/doctor.js';

const LEAST_NODE = [20, 20] as const;
const LEAST_NPM = 11;
const GIB = 2 ** 30;
/** A table of a million rows and the weights of a few hundred proposals. */
const ENOUGH_BYTES = 2 * GIB;

/** Programs and room that Lutra needs. @param dataDirectory where `lutra serve` keeps its data */
export function examineInstallation(dataDirectory: string): Finding[] {
  return [node(), npm(), disk(dataDirectory), redis()];
}

function node(): Finding {
  const name = 'Node';
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const detail = `${process.versions.node}, V8 ${process.versions.v8}`;
  if (major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1]))
    return { name, state: 'pass', detail };
  return { name, state: 'fail', detail, mend: `Node ${LEAST_NODE.join('.')} or newer` };
}

function npm(): Finding {
  const name = 'npm';
  const { stdout, status } = spawnSync('npm', ['--version'], { encoding: 'utf8' });
  if (status !== 0) {
    return {
      name,
      state: 'warn',
      detail: 'not found',
      mend: `npm ${LEAST_NPM}, to install and update Lutra`,
    };
  }
  const version = stdout.trim();
  if (Number(version.split('.')[0]) >= LEAST_NPM) return { name, state: 'pass', detail: version };
  return { name, state: 'warn', detail: version, mend: `npm install -g npm@${LEAST_NPM}` };
}

function disk(dataDirectory: string): Finding {
  const name = 'disk';
  let folder = resolve(dataDirectory);
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  const { bavail, bsize } = statfsSync(folder);
  const bytes = bavail * bsize;
  const detail = `${(bytes / GIB).toFixed(1)} GiB free for data in ${resolve(dataDirectory)}`;
  if (bytes >= ENOUGH_BYTES) return { name, state: 'pass', detail };
  return { name, state: 'warn', detail, mend: 'make room, or lutra serve --data elsewhere' };
}

function redis(): Finding {
  const name = 'queue';
  const url = process.env.REDIS_URL;
  const detail =
    url === undefined
      ? 'in the database file (no REDIS_URL)'
      : 'Redis, as REDIS_URL says; lutra serve checks it';
  return { name, state: 'pass', detail };
}
