import { buildZooNetwork } from '../core/zoo/zoo.js';
import { type BenchLine, judged } from './bench-line.js';
import { findPeerPython } from './peers/find-peer-python.js';
import { TurnProcess } from './peers/turn-process.js';
import { median } from './timing.js';

const BATCH = 64;
/** Rounds of turns, and steps of a turn. The first step of a turn finds the caches full of another engine's data. */
const ROUNDS = 15;
const STEPS = 6;
/** PyTorch as it comes, and its two usual ways to go faster on a processor, with the share of its time to stay under. */
const VARIANTS: readonly { readonly name: string; readonly goal?: number }[] = [
  { name: 'eager' },
  { name: 'channels_last', goal: 0.4 },
  { name: 'compile', goal: 0.5 },
];

/**
 * The training step of mobilenet-v3-tiny in PyTorch and in Lutra, one thread each and the same environment, in turns.
 * A figure is the median over all turns without their first steps. Needs Python.
 */
export async function* benchTrainingPeers(): AsyncIterable<BenchLine> {
  const python = findPeerPython();
  if (python === undefined) return;
  const network = buildZooNetwork('mobilenet-v3-tiny', {});
  const names = VARIANTS.map(({ name }) => name);
  const torch = await TurnProcess.torch(python, network, BATCH, names);
  const lutra = await TurnProcess.lutra(network, BATCH);
  const own: number[] = [];
  const peers = new Map<string, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, durations] of peers) {
      own.push(...(await lutra.steps('lutra', STEPS)).slice(1));
      durations.push(...(await torch.steps(name, STEPS)).slice(1));
    }
  }
  torch.stop();
  lutra.stop();

  const oursMs = median(own);
  for (const { name, goal } of VARIANTS) {
    const peerMs = median(peers.get(name)!);
    const { warmupS, version } = torch.warmup.get(name)!;
    yield judged({
      bench: 'peers',
      metric: `training step, ours / PyTorch ${name}`,
      value: oursMs / peerMs,
      unit: 'ratio',
      ...(goal === undefined ? {} : { goal: { atMost: goal } }),
      detail: { oursMs, peerMs, batch: BATCH, warmupS, torch: version },
    });
  }
}
