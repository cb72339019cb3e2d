import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SystemFacts } from '../../../contracts/measurement.js';

/**
 * What Linux tells about the machine at this moment. Every field may be missing: virtual machines show no frequencies,
 * containers no pressure, other systems nothing at all.
 * @param cpu core to read frequency and steal of; null: frequency of the first, steal of all on average
 * @param root folder that holds `proc` and `sys`
 */
export function readSystemFacts(cpu: number | null, root = '/'): SystemFacts {
  const read = (path: string) => readText(join(root, path));
  const number = (path: string) => toNumber(read(path));
  const core = `sys/devices/system/cpu/cpu${cpu ?? 0}`;
  const vmstat = read('proc/vmstat');
  const frequencyKhz = number(`${core}/cpufreq/scaling_cur_freq`);
  return withoutMissing({
    pressureCpuUs: stalledUs(read('proc/pressure/cpu')),
    pressureMemoryUs: stalledUs(read('proc/pressure/memory')),
    pressureIoUs: stalledUs(read('proc/pressure/io')),
    swappedPages: sum(vmstat, /^pswp(?:in|out) (\d+)$/gm),
    stolenTicks: stolenTicks(cpu, read('proc/stat')),
    availableBytes: scaled(/^MemAvailable:\s*(\d+) kB/m.exec(read('proc/meminfo') ?? '')?.[1], 1024),
    totalBytes: scaled(/^MemTotal:\s*(\d+) kB/m.exec(read('proc/meminfo') ?? '')?.[1], 1024),
    ownSwapBytes: scaled(/^VmSwap:\s*(\d+) kB/m.exec(read('proc/self/status') ?? '')?.[1], 1024),
    frequencyMhz: frequencyKhz === undefined ? undefined : frequencyKhz / 1000,
    governor: read(`${core}/cpufreq/scaling_governor`)?.trim(),
    throttles: number(`${core}/thermal_throttle/core_throttle_count`),
    temperatureC: hottest(join(root, 'sys/class/thermal')),
  });
}

/** Total time that some task was stalled, since boot. */
function stalledUs(text: string | undefined): number | undefined {
  return toNumber(/^some .*total=(\d+)/m.exec(text ?? '')?.[1]);
}

/** The eighth figure of a processor's line, ticks that the host ran something else: of one core, or of all on average. */
function stolenTicks(cpu: number | null, stat: string | undefined): number | undefined {
  const lines = stat?.split('\n').map((line) => line.split(/\s+/)) ?? [];
  const cores = lines.filter(([name]) => (cpu === null ? /^cpu\d+$/.test(name!) : name === `cpu${cpu}`));
  const ticks = cores.flatMap((columns) => toNumber(columns[8]) ?? []);
  return ticks.length === 0 ? undefined : ticks.reduce((total, count) => total + count, 0) / ticks.length;
}

function hottest(folder: string): number | undefined {
  try {
    const zones = readdirSync(folder).filter((name) => name.startsWith('thermal_zone'));
    const milliC = zones.flatMap((zone) => toNumber(readText(join(folder, zone, 'temp'))) ?? []);
    return milliC.length === 0 ? undefined : Math.max(...milliC) / 1000;
  } catch {
    return undefined;
  }
}

function sum(text: string | undefined, pattern: RegExp): number | undefined {
  const found = [...(text ?? '').matchAll(pattern)];
  return found.length === 0 ? undefined : found.reduce((total, [, digits]) => total + Number(digits), 0);
}

function scaled(text: string | undefined, factor: number): number | undefined {
  const value = toNumber(text);
  return value === undefined ? undefined : value * factor;
}

function toNumber(text: string | undefined): number | undefined {
  if (text === undefined || text.trim() === '') return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

function withoutMissing(facts: Readonly<Record<string, unknown>>): SystemFacts {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
}
