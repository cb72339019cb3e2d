import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { benchApi } from './api.js';
import type { Bench } from './bench-line.js';
import { benchEstimate } from './estimate.js';
import { benchFidelity } from './fidelity.js';
import { benchInt8 } from './int8.js';
import { benchLoad } from './load.js';
import { benchPage } from './page.js';
import { benchComparisons } from './promises/comparisons.js';
import { benchKnownDurations } from './promises/known-durations.js';
import { benchDisturbed, benchQuiet } from './promises/series.js';
import { benchProposals } from './proposals.js';
import { benchQueues } from './queues.js';
import { benchSoak } from './soak.js';
import { benchTable } from './table.js';
import { benchTrainingPeers } from './training-peers.js';
import { benchTrainingStep } from './training-step.js';

const BENCHES: Readonly<
  Record<string, { readonly run: Bench; readonly about: string; readonly peer?: boolean }>
> = {
  estimate: { run: benchEstimate, about: 'estimating a 60-op network from a loaded table' },
  proposals: { run: benchProposals, about: 'all proposals of one MobileNetV3-Large iteration' },
  table: { run: benchTable, about: 'a table of 1,000,000 entries' },
  api: { run: benchApi, about: 'estimates through the api, memory at rest' },
  queues: { run: benchQueues, about: 'jobs through both queues, the cost of a lease over HTTP' },
  soak: {
    run: benchSoak,
    about: 'an api whose workers are killed at random (LUTRA_SOAK_SECONDS=600 for all of it)',
  },
  load: { run: benchLoad, about: 'estimates at 200 a second beside a measurement, and what they do to it' },
  page: { run: benchPage, about: 'the dashboard in Chromium: weight, speed, smoothness' },
  'training-step': { run: benchTrainingStep, about: 'the training step, opening a session, evaluation' },
  fidelity: {
    run: benchFidelity,
    about: 'estimates against measurements on held-out networks; cost of measuring',
  },
  'promises-known': {
    run: benchKnownDurations,
    about: 'what measurements promise: busy waits of known durations',
  },
  'promises-quiet': {
    run: benchQuiet,
    about: 'the same: quiet sessions that are flagged, repeatability beside a burst of runs',
  },
  'promises-disturbed': { run: benchDisturbed, about: 'the same: sessions under disturbances' },
  'promises-compared': {
    run: benchComparisons,
    about: 'the same: a network against itself and against one that takes 10 % longer',
  },
  int8: { run: benchInt8, about: 'networks in float32 and in int8, in turns' },
  peers: {
    run: benchTrainingPeers,
    about: 'the same training step in PyTorch (asked for by --peers)',
    peer: true,
  },
};

const HELP = `npm run bench -- [--peers] [--help] [name …]

Prints one JSON line a figure: {"bench", "metric", "value", "unit", "goal", "pass", "detail"}.
Exits with 1 when a figure misses its goal. A name’s first word stands for all that begin with it. Names:
${Object.entries(BENCHES)
  .map(([name, { about }]) => `  ${name.padEnd(18)} ${about}`)
  .join('\n')}`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { peers: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
});

if (values.help) {
  console.log(HELP);
} else {
  process.exitCode = (await runBenches()) ? 0 : 1;
}

/** `promises` asks for `promises-known` and its like. */
function isAsked(name: string, asked: string): boolean {
  return name === asked || name.startsWith(`${asked}-`);
}

async function runBenches(): Promise<boolean> {
  const unknown = positionals.filter((asked) => !Object.keys(BENCHES).some((name) => isAsked(name, asked)));
  if (unknown.length > 0) {
    console.error(`no bench named ${unknown.join(', ')}\n\n${HELP}`);
    return false;
  }
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length, memoryGb: Math.round(totalmem() / 2 ** 30) };
  console.log(
    JSON.stringify({ bench: 'machine', ...machine, node: process.version, platform: process.platform }),
  );
  let allPass = true;
  for (const [name, bench] of Object.entries(BENCHES)) {
    const wanted = positionals.length > 0 ? positionals.some((asked) => isAsked(name, asked)) : !bench.peer;
    if (!wanted && !(bench.peer && values.peers)) continue;
    for await (const line of bench.run()) {
      console.log(JSON.stringify(line));
      if (line.pass === false) allPass = false;
    }
  }
  return allPass;
}
