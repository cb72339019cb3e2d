import type { Environment } from '../../contracts/environment.js';
import type { TimingTarget } from '../../contracts/measurement.js';

/** So many random networks of a family at a resolution. */
export interface FamilyDraw {
  readonly family: string;
  readonly resolution: number;
  readonly networks: number;
}

/** A runtime to judge estimates on, and what it can afford to measure in a few minutes. */
export interface FidelitySetting {
  readonly name: string;
  readonly runtime: Environment['runtime'];
  readonly threads: number;
  readonly dtype: Environment['dtype'];
  readonly draws: readonly FamilyDraw[];
  /** What whole networks are measured for. */
  readonly target: TimingTarget;
  /** Whole networks that every session measures beside its ops. */
  readonly networksPerSession: number;
  /** So many networks of each draw are measured by the reference protocol too. */
  readonly references: number;
  /** Also every op in an onnxruntime session of its own. */
  readonly isolated: boolean;
}

/** V2 and V3-Small at 96, 128 and 224 px: the cells of the tables. */
function cells(networks: number): readonly FamilyDraw[] {
  return [96, 128, 224].flatMap((resolution) => [
    { family: 'mobilenet-v2', resolution, networks },
    { family: 'mobilenet-v3-small', resolution, networks },
  ]);
}

const ONNXRUNTIME = {
  runtime: 'onnxruntime',
  threads: 1,
  dtype: 'float32',
  target: 'steady',
  networksPerSession: 9,
  references: 0,
  isolated: false,
} as const;

const TFJS = { ...ONNXRUNTIME, networksPerSession: 6 };

/** One runtime each. The first is measured unless others are asked for; footprints there go from 6 to 25 MB. */
export const FIDELITY_SETTINGS: readonly FidelitySetting[] = [
  {
    ...ONNXRUNTIME,
    name: 'onnxruntime',
    networksPerSession: 16,
    draws: [...cells(9), { family: 'mobilenet-v3-large', resolution: 224, networks: 6 }],
    references: 1,
    isolated: true,
  },
  // As many networks of a kind as ranks need: of nine, one swapped pair of neighbours takes 0.06 off tau, of twenty 0.01.
  { ...ONNXRUNTIME, name: 'onnxruntime-20', networksPerSession: 16, draws: cells(20) },
  // Two more families, another size.
  {
    ...ONNXRUNTIME,
    name: 'onnxruntime-160',
    draws: ['mobilenet-v1', 'mobilenet-v2', 'mobilenet-v3-small', 'mobilenet-v3-large'].map((family) => ({
      family,
      resolution: 160,
      networks: 8,
    })),
  },
  {
    ...ONNXRUNTIME,
    name: 'onnxruntime-v3-small',
    draws: [{ family: 'mobilenet-v3-small', resolution: 96, networks: 26 }],
    isolated: true,
  },
  // Caches are emptied before every run, which takes longer than the run.
  { ...ONNXRUNTIME, name: 'onnxruntime-cold', target: 'cold', draws: cells(6), networksPerSession: 6 },
  { ...ONNXRUNTIME, name: 'onnxruntime-2-threads', threads: 2, draws: cells(9) },
  { ...ONNXRUNTIME, name: 'onnxruntime-int8', dtype: 'int8', draws: cells(9) },
  { ...TFJS, name: 'tfjs-wasm', runtime: 'tfjs-wasm', draws: cells(9) },
  { ...TFJS, name: 'tfjs-node', runtime: 'tfjs-node', draws: cells(9) },
];
