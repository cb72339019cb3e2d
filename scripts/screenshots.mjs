// Pictures of every page at both widths, for README and docs: taken by the pages' test from a seeded service, made small
// by pngquant (Debian: apt-get install pngquant). Writes docs/img/page-*.png.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const COLOURS = '64';
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(root, 'docs', 'img');
const folder = mkdtempSync(join(tmpdir(), 'lutra-pictures-'));
try {
  const vitest = join(root, 'node_modules', '.bin', 'vitest');
  const { status } = spawnSync(vitest, ['run', 'test/dashboard/pages.test.ts', '-t', 'every page'], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, LUTRA_PICTURES: folder },
  });
  if (status !== 0) throw new Error('the pages failed their test');
  for (const name of readdirSync(target).filter((file) => file.startsWith('page-')))
    rmSync(join(target, name));
  let bytes = 0;
  for (const name of readdirSync(folder)) {
    place(join(folder, name), join(target, name));
    bytes += statSync(join(target, name)).size;
  }
  console.log(`${readdirSync(folder).length} pictures, ${(bytes / 1024).toFixed(0)} KiB`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function place(from, to) {
  const { error, status, stderr } = spawnSync(
    'pngquant',
    ['--strip', '--speed', '1', '--force', '--output', to, COLOURS, from],
    { encoding: 'utf8' },
  );
  if (error?.code === 'ENOENT') copyFileSync(from, to);
  else if (status !== 0) throw new Error(`pngquant: ${stderr}`);
}
