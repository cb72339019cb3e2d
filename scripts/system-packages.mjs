// Programs that tests need and npm cannot install. On Debian and Ubuntu as root they are installed; elsewhere the one
// command to run is printed, and verify stops.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** By Debian package: the program that shows that it is there. */
const PACKAGES = { 'redis-server': 'redis-server', chromium: 'chromium' };

const isRunnable = (program) =>
  spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;

const apt = (...args) =>
  spawnSync('apt-get', args, {
    stdio: 'inherit',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }).status === 0;

/** @returns whether all of them are there now */
export function ensureSystemPackages() {
  const missing = () => Object.keys(PACKAGES).filter((name) => !isRunnable(PACKAGES[name]));
  const lacking = missing();
  if (lacking.length === 0) return true;
  const command = `apt-get update && apt-get install --yes --no-install-recommends ${lacking.join(' ')}`;
  if (!existsSync('/etc/debian_version') || !isRunnable('apt-get')) {
    console.error(`tests need ${lacking.join(' and ')}: install them with this system's package manager`);
    return false;
  }
  if (process.getuid() !== 0) {
    console.error(`tests need ${lacking.join(' and ')}; run:\n\n  sudo sh -c '${command}'\n`);
    return false;
  }
  console.log(`installing ${lacking.join(' and ')}`);
  apt('update');
  apt('install', '--yes', '--no-install-recommends', ...lacking);
  const still = missing();
  if (still.length > 0) console.error(`${still.join(' and ')} could not be installed; run: ${command}`);
  return still.length === 0;
}
