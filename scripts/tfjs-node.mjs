// Gives this machine the native library of @tensorflow/tfjs-node, the second training engine.
//
//   npm run tfjs-node                make it work, or say what is missing
//   npm run tfjs-node -- --check     only say whether it works
//   npm run tfjs-node -- --wheel     leave out the package's own download
//   LUTRA_LIBTENSORFLOW=…            a folder or wheel that holds libtensorflow, instead of any download
//
// Exit codes: 0 it works, 1 it does not and could not be made to, 2 the npm package is not installed,
// 3 a tool is missing (named, with the command that installs it), 64 an unknown argument.
// Linux on x86-64 with glibc is what this is tested on. Elsewhere the package's own download is tried; a folder in
// LUTRA_LIBTENSORFLOW serves any Linux.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildBinding } from './tfjs-node/build-binding.mjs';
import { tryOwnDownload } from './tfjs-node/own-download.mjs';
import { placeLibrary } from './tfjs-node/place-library.mjs';
import { Problem } from './tfjs-node/problem.mjs';
import { findToolchain } from './tfjs-node/toolchain.mjs';
import { usability } from './tfjs-node/usability.mjs';
import { fetchWheel, wheelFits } from './tfjs-node/wheel.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const packageFolder = join(root, 'node_modules', '@tensorflow', 'tfjs-node');
const say = (line) => console.log(`tfjs-node: ${line}`);

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Problem)) throw error;
  console.error(`tfjs-node: ${error.message}`);
  process.exitCode = error.exitCode;
}

async function main(args) {
  const unknown = args.find((arg) => arg !== '--check' && arg !== '--wheel');
  if (unknown !== undefined) throw new Problem(64, `unknown argument ${unknown}; known: --check, --wheel`);
  if (!existsSync(packageFolder)) {
    throw new Problem(2, 'the npm package is not installed: run npm ci (without --omit=optional)');
  }
  const before = usability(root);
  if (before.works) return say(`works already, with TensorFlow ${before.version}`);
  if (args.includes('--check')) throw new Problem(1, `does not work here: ${before.reason}`);

  const given = process.env.LUTRA_LIBTENSORFLOW;
  if (given) await buildAgainst(given, findToolchain({ pip: false }));
  else await buildFromDownloads(args);

  const after = usability(root);
  if (!after.works) throw new Problem(1, `was built, but does not work: ${after.reason}`);
  say(`works, with TensorFlow ${after.version}`);
}

async function buildFromDownloads(args) {
  if (!args.includes('--wheel')) {
    say("trying the package's own download");
    const failure = await tryOwnDownload(packageFolder, () => usability(root).works);
    if (failure === undefined) return;
    say(`the package's own download did not work (${failure})`);
  }
  const unfit = wheelFits();
  if (unfit !== undefined) throw new Problem(1, unfit);
  // Asked for before 207 MB are fetched: whoever lacks a compiler should not wait for them.
  const toolchain = findToolchain({ pip: true });
  await buildAgainst(fetchWheel(join(root, '.cache', 'tfjs-node'), toolchain, say), toolchain);
}

async function buildAgainst(source, toolchain) {
  say(`placing the library from ${source}`);
  placeLibrary(source, packageFolder, toolchain);
  say('building the binding');
  buildBinding(packageFolder, toolchain);
}
