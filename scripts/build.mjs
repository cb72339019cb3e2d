// Compiles TypeScript to dist/, builds the page, copies the files that are read at run time (SQL), and joins typebox. Does
// nothing where all of that was done with the same inputs: installing builds, and so do the commands after it.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inputsHash } from './inputs-hash.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
if (process.argv.includes('--clean')) rmSync(join(root, 'dist'), { recursive: true, force: true });
const built = join(root, 'dist', '.inputs');
const inputs = inputsHash(root);
if (existsSync(built) && readFileSync(built, 'utf8') === inputs) process.exit(0);
// Half a build is none.
rmSync(built, { force: true });
const page = join(root, 'services', 'dashboard');
const node = (script, args) => {
  const { status } = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};
node(tsc, ['-p', join(root, 'tsconfig.build.json')]);
// The page has types of its own (a browser's, JSX), which nothing else sees.
node(tsc, ['-p', page]);
node(join(root, 'node_modules', 'vite', 'bin', 'vite.js'), ['build', page]);
for (const folder of ['db/migrations']) {
  mkdirSync(join(root, 'dist', folder), { recursive: true });
  cpSync(join(root, folder), join(root, 'dist', folder), {
    recursive: true,
    filter: (source) => !source.endsWith('.ts'),
  });
}
await joinTypebox();
writeFileSync(built, inputs);

/**
 * typebox comes in 700 files, of which a process that checks a schema loads most: 0.3 s of processor. Node looks into
 * dist/node_modules first, and finds it there in a few.
 */
async function joinTypebox() {
  const { build } = await import('vite');
  const outDir = join(root, 'dist', 'node_modules', 'typebox');
  await build({
    root,
    configFile: false,
    logLevel: 'warn',
    ssr: { noExternal: true },
    build: {
      outDir,
      ssr: true,
      minify: false,
      rollupOptions: {
        input: { index: 'typebox', compile: 'typebox/compile', value: 'typebox/value' },
        output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' },
      },
    },
  });
  const exports = { '.': './index.js', './*': './*.js' };
  writeFileSync(join(outDir, 'package.json'), JSON.stringify({ name: 'typebox', type: 'module', exports }));
}
