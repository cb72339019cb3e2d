import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from './problem.mjs';

/** Compiles the package's binding against `deps` and puts it where the package looks for it. */
export function buildBinding(packageFolder, { nodeGyp, nodeFolder }) {
  // The package asks for the highest N-API version that it knows, which is 8 on every Node that Lutra runs on.
  const folder = join(packageFolder, 'lib', 'napi-v8');
  const build = spawnSync(
    process.execPath,
    [
      ...[nodeGyp, 'rebuild', '--module_name=tfjs_binding', '--module_path=./lib/napi-v8'],
      ...['--napi_build_version=8', `--napi_version=${process.versions.napi}`, `--nodedir=${nodeFolder}`],
    ],
    { cwd: packageFolder, encoding: 'utf8', timeout: 10 * 60_000 },
  );
  if (build.status !== 0) {
    const lines = `${build.stdout}\n${build.stderr}`.split('\n');
    const errors = lines.filter((line) => /error|ERR! (?!cwd|node|System|command)/i.test(line)).slice(0, 12);
    throw new Problem(1, `the binding did not compile:\n  ${errors.join('\n  ')}`);
  }
  mkdirSync(folder, { recursive: true });
  // Renamed into place: an interrupted copy must not look like a library.
  const partial = join(folder, 'tfjs_binding.partial');
  copyFileSync(join(packageFolder, 'build', 'Release', 'tfjs_binding.node'), partial);
  renameSync(partial, join(folder, 'tfjs_binding.node'));
}
