import { readFileSync, writeFileSync } from 'node:fs';
import { keepOffCores } from '../services/worker/keep-off-cores.js';
import type { BenchLine } from './bench-line.js';
import { type Collected, collect, type FamilyDraw } from './fidelity/collect.js';
import { evaluate } from './fidelity/evaluate.js';

const CORE = 0;

/** Footprints from 6 to 25 MB. */
const DRAWS: readonly FamilyDraw[] = [
  ...[96, 128, 224].flatMap((resolution) => [
    { family: 'mobilenet-v2', resolution, networks: 7 },
    { family: 'mobilenet-v3-small', resolution, networks: 7 },
  ]),
  { family: 'mobilenet-v3-large', resolution: 160, networks: 4 },
  { family: 'mobilenet-v3-large', resolution: 224, networks: 4 },
];

/**
 * Estimates against measurements on networks held out from calibration. What was collected is written to the file that
 * LUTRA_FIDELITY_DATA names, and read from it when it is there, to be judged again without measuring again.
 */
export async function* benchFidelity(): AsyncIterable<BenchLine> {
  const file = process.env.LUTRA_FIDELITY_DATA;
  const kept = file === undefined ? undefined : readKept(file);
  if (kept === undefined) keepOffCores([CORE]);
  const collected = kept ?? (await collect(DRAWS, CORE, 1));
  if (file !== undefined && kept === undefined) writeFileSync(file, JSON.stringify(collected));
  yield* evaluate(collected);
}

function readKept(file: string): Collected | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Collected;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
