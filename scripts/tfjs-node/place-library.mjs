import { spawnSync } from 'node:child_process';
import {
  constants,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { Problem } from './problem.mjs';

// Of 610 MB in the wheel, what the binding links to and includes.
const WHEEL_MEMBERS = [
  'tensorflow/libtensorflow_cc.so.2',
  'tensorflow/libtensorflow_framework.so.2',
  'tensorflow/include/tensorflow/c/',
  'tensorflow/include/tensorflow/core/platform/',
  'tensorflow/include/tensorflow/tsl/',
  'tensorflow/include/tsl/',
];

const UNZIP = `
import sys, zipfile
source, target, *wanted = sys.argv[1:]
with zipfile.ZipFile(source) as wheel:
    wheel.extractall(target, [n for n in wheel.namelist() if any(n == w or (w.endswith('/') and n.startswith(w)) for w in wanted)])
`;

/**
 * Puts libtensorflow and its headers where the binding looks for them: `deps/lib` and `deps/include`. They appear
 * there in one move, so an interrupted run leaves nothing half done.
 * @param source a wheel of tensorflow or tensorflow-cpu, its unpacked `tensorflow` folder, or an unpacked archive of
 * libtensorflow with `lib` and `include`
 */
export function placeLibrary(source, packageFolder, { python }) {
  if (!existsSync(source)) throw new Problem(1, `${source} does not exist`);
  const staging = join(packageFolder, 'deps.partial');
  rmSync(staging, { recursive: true, force: true });
  mkdirSync(join(staging, 'lib'), { recursive: true });
  let folder = source;
  if (!statSync(source).isDirectory()) {
    folder = join(staging, 'unpacked', 'tensorflow');
    unzip(source, join(staging, 'unpacked'), python);
  }
  stage(findParts(folder, source), staging, folder !== source);
  rmSync(join(staging, 'unpacked'), { recursive: true, force: true });
  const target = join(packageFolder, 'deps');
  rmSync(target, { recursive: true, force: true });
  renameSync(staging, target);
}

function unzip(wheel, target, python) {
  const result = spawnSync(python, ['-c', UNZIP, wheel, target, ...WHEEL_MEMBERS], { encoding: 'utf8' });
  if (result.status === 0) return;
  throw new Problem(1, `${wheel} cannot be unpacked: ${result.stderr.trim().split('\n').at(-1)}`);
}

/** Library files and include folder, in either of the two layouts. */
function findParts(folder, source) {
  const include = join(folder, 'include');
  if (!existsSync(join(include, 'tensorflow', 'c', 'c_api.h'))) {
    throw new Problem(1, `${source} has no include/tensorflow/c/c_api.h`);
  }
  const libraryFolder = [join(folder, 'lib'), folder].find(
    (candidate) => existsSync(candidate) && libraryFiles(candidate).length >= 2,
  );
  if (libraryFolder === undefined) {
    throw new Problem(
      1,
      `${source} has no libtensorflow.so (or libtensorflow_cc.so) and libtensorflow_framework.so`,
    );
  }
  return { include, libraryFolder };
}

/** E.g. libtensorflow_cc.so.2, libtensorflow.so, libtensorflow_framework.so.2.9.1. */
function libraryFiles(folder) {
  const files = readdirSync(folder).filter((name) =>
    /^libtensorflow(_cc|_framework)?\.so(\.\d+)*$/.test(name),
  );
  const hasFramework = files.some((name) => name.startsWith('libtensorflow_framework'));
  return hasFramework ? files : [];
}

function stage({ include, libraryFolder }, staging, mayMove) {
  const place = (from, to) =>
    mayMove
      ? renameSync(from, to)
      : cpSync(from, to, { recursive: true, mode: constants.COPYFILE_FICLONE, verbatimSymlinks: true });
  for (const name of libraryFiles(libraryFolder))
    place(join(libraryFolder, name), join(staging, 'lib', name));
  place(include, join(staging, 'include'));
  for (const name of ['libtensorflow', 'libtensorflow_framework']) linkPlainName(join(staging, 'lib'), name);
}

/** The linker looks for `<name>.so`. */
function linkPlainName(folder, name) {
  const files = readdirSync(folder);
  if (files.includes(`${name}.so`)) return;
  const real = files
    .filter((file) => file.startsWith(`${name}.so`) || file.startsWith(`${name}_cc.so`))
    .sort((a, b) => a.length - b.length)[0];
  if (real === undefined) throw new Problem(1, `the source has no ${name}.so`);
  symlinkSync(real, join(folder, `${name}.so`));
}
