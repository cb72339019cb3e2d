import { spawnSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { Problem } from './problem.mjs';

/**
 * Finds what building the binding takes, and names everything that is missing at once.
 * @returns `{ python, nodeGyp, nodeFolder }`: a command, a script, and a prefix that has `include/node`
 */
export function findToolchain({ pip }) {
  const python = ['python3', 'python'].find((name) =>
    runs(name, ['-c', 'import sys, zipfile; assert sys.version_info >= (3, 8)']),
  );
  const nodeFolder = findNodeFolder();
  const nodeGyp = findNodeGyp();
  const missing = [
    python === undefined && 'python3, 3.8 or newer (Debian: apt-get install python3)',
    pip &&
      python !== undefined &&
      !runs(python, ['-m', 'pip', '--version']) &&
      'pip (Debian: apt-get install python3-pip)',
    !runs('make', ['--version']) && 'make (Debian: apt-get install make)',
    !runs(process.env.CXX ?? 'g++', ['--version']) && 'g++ (Debian: apt-get install g++)',
    nodeFolder === undefined &&
      "Node's C headers, include/node/node_api.h (in the tarballs of nodejs.org and the packages of NodeSource; " +
        'for the nodejs of Debian: apt-get install libnode-dev)',
    nodeGyp === undefined &&
      'npm with its node-gyp (in the tarballs of nodejs.org; Debian: apt-get install npm)',
  ].filter(Boolean);
  if (missing.length > 0)
    throw new Problem(3, `cannot be built here, missing:\n  - ${missing.join('\n  - ')}`);
  return { python, nodeGyp, nodeFolder };
}

function runs(command, args) {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0;
}

function findNodeFolder() {
  const candidates = [
    process.env.npm_config_nodedir,
    dirname(dirname(realpathSync(process.execPath))),
    dirname(dirname(process.execPath)),
    join(homedir(), '.cache', 'node-gyp', process.versions.node),
  ];
  return candidates.find((folder) => folder && existsSync(join(folder, 'include', 'node', 'node_api.h')));
}

function findNodeGyp() {
  const prefix = dirname(dirname(realpathSync(process.execPath)));
  const npmFolders = [
    process.env.npm_execpath && dirname(dirname(realpathSync(process.env.npm_execpath))),
    join(prefix, 'lib', 'node_modules', 'npm'),
    join(prefix, 'share', 'nodejs', 'npm'),
  ];
  return [
    ...npmFolders
      .filter(Boolean)
      .map((folder) => join(folder, 'node_modules', 'node-gyp', 'bin', 'node-gyp.js')),
    join(prefix, 'share', 'nodejs', 'node-gyp', 'bin', 'node-gyp.js'),
  ].find((script) => existsSync(script));
}
