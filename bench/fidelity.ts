import { readFileSync, writeFileSync } from 'node:fs';
import { keepOffCores } from '../services/worker/keep-off-cores.js';
import type { BenchLine } from './bench-line.js';
import { collect } from './fidelity/collect.js';
import type { Collected } from './fidelity/collected.js';
import { evaluate } from './fidelity/evaluate.js';
import { FIDELITY_SETTINGS, type FidelitySetting } from './fidelity/setting.js';

/** For each setting. What a slow machine does not get done in it is left out. */
const LIMIT_SECONDS = Number(process.env.LUTRA_FIDELITY_SECONDS ?? 280);

/** What was collected, by name of the setting. */
type Kept = Record<string, Collected>;

/**
 * Estimates against measurements on networks held out from calibration. LUTRA_FIDELITY_RUNTIMES names the settings to
 * judge, comma-separated, or is `all`; the first one is the default. LUTRA_FIDELITY_SECONDS is what each may take. What was collected is kept in the file that
 * LUTRA_FIDELITY_DATA names, and read from it when it is there, to be judged again without measuring again.
 */
export async function* benchFidelity(): AsyncIterable<BenchLine> {
  const file = process.env.LUTRA_FIDELITY_DATA;
  const kept = file === undefined ? {} : readKept(file);
  for (const setting of chosenSettings()) {
    const known = kept[setting.name];
    const collected = known ?? (await measured(setting));
    kept[setting.name] = collected;
    if (file !== undefined && known === undefined) writeFileSync(file, JSON.stringify(kept));
    yield* evaluate(setting, collected);
  }
}

function chosenSettings(): readonly FidelitySetting[] {
  const asked = process.env.LUTRA_FIDELITY_RUNTIMES ?? FIDELITY_SETTINGS[0]!.name;
  if (asked === 'all') return FIDELITY_SETTINGS;
  return asked.split(',').map((name) => {
    const setting = FIDELITY_SETTINGS.find((one) => one.name === name);
    if (setting !== undefined) return setting;
    const names = FIDELITY_SETTINGS.map((one) => one.name).join(', ');
    throw new Error(`LUTRA_FIDELITY_RUNTIMES: expected all or some of ${names}, got ${name}`);
  });
}

async function measured(setting: FidelitySetting): Promise<Collected> {
  const cores = Array.from({ length: setting.threads }, (_, core) => core);
  keepOffCores(cores);
  return collect(setting, cores, 1, LIMIT_SECONDS * 1e3);
}

function readKept(file: string): Kept {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Kept;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
}
