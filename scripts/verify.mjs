// The whole proof: build, types, lint, every test. Last line: `N passed, N failed, N skipped`.
// A check that is not a test (types, lint) counts as one passed or failed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureSystemPackages } from './system-packages.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name) => join(root, 'node_modules', '.bin', name);
const run = (command, args, env = {}) =>
  spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } }).status === 0;

if (!ensureSystemPackages()) {
  console.log('\n0 passed, 1 failed, 0 skipped');
  process.exit(1);
}

const checks = [
  ['types', () => run(bin('tsc'), ['--noEmit', '-p', 'tsconfig.json'])],
  ['lint', () => run(bin('biome'), ['check', '--error-on-warnings', '.'])],
];
const totals = { passed: 0, failed: 0, skipped: 0 };
for (const [name, check] of checks) {
  console.log(`\n== ${name}`);
  const ok = check();
  console.log(ok ? `${name}: ok` : `${name}: failed`);
  totals[ok ? 'passed' : 'failed']++;
}

console.log('\n== tests');
const scratch = mkdtempSync(join(tmpdir(), 'lutra-verify-'));
const countsFile = join(scratch, 'counts.json');
const testsOk = run(bin('vitest'), ['run', ...process.argv.slice(2)], { LUTRA_TEST_COUNTS: countsFile });
try {
  const counts = JSON.parse(readFileSync(countsFile, 'utf8'));
  for (const key of Object.keys(totals)) totals[key] += counts[key];
} catch {
  console.error('the test run ended without counts');
  totals.failed++;
}
if (!testsOk && totals.failed === 0) totals.failed++;
rmSync(scratch, { recursive: true, force: true });
console.log(`\n${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exit(totals.failed === 0 ? 0 : 1);
