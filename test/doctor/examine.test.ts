import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { examineCores } from '../../services/doctor/examine-cores.js';
import { examineLoad } from '../../services/doctor/examine-load.js';
import { machineReader } from '../../services/doctor/machine-reader.js';
import { temporaryDirectory } from '../db/temporary-directory.js';

const BOTH = { taskset: true, setpriv: true };

/** A machine that shows these files and nothing else. */
function machine(files: Readonly<Record<string, string>>) {
  const root = temporaryDirectory();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${text}\n`);
  }
  return machineReader(root);
}

const states = (findings: readonly { readonly name: string; readonly state: string }[]) =>
  Object.fromEntries(findings.map(({ name, state }) => [name, state]));

test('a bench machine: isolated core, no sibling, fixed clock', () => {
  const read = machine({
    'sys/devices/system/cpu/isolated': '3',
    'sys/devices/system/cpu/cpu2/topology/thread_siblings_list': '2',
    'sys/devices/system/cpu/cpu0/cpufreq/scaling_governor': 'performance',
    'sys/devices/system/cpu/intel_pstate/no_turbo': '1',
  });
  expect(states(examineCores([2, 3], BOTH, read))).toEqual({
    cores: 'pass',
    pinning: 'pass',
    isolation: 'pass',
    'hyper-threading': 'pass',
    governor: 'pass',
    turbo: 'pass',
  });
});

test('a laptop: shared core, a sibling, a clock that follows the load; each says how to mend it', () => {
  const read = machine({
    'sys/devices/system/cpu/isolated': '',
    'sys/devices/system/cpu/cpu0/topology/thread_siblings_list': '0,4',
    'sys/devices/system/cpu/cpu0/cpufreq/scaling_governor': 'powersave',
    'sys/devices/system/cpu/cpufreq/boost': '1',
  });
  const findings = examineCores([0], { taskset: false, setpriv: true }, read);
  expect(new Set(findings.map(({ state }) => state))).toEqual(new Set(['warn']));
  expect(findings.every(({ mend }) => mend !== undefined)).toBe(true);
  expect(findings.find(({ name }) => name === 'hyper-threading')?.detail).toContain('core 4');
});

test('a machine that shows nothing is judged by nothing', () => {
  const read = machine({});
  const shown = { ...states(examineCores([0, 1], BOTH, read)), ...states(examineLoad(2, read)) };
  const { cores, pinning, 'scheduler counters': counters, ...hidden } = shown;
  expect([cores, pinning, counters]).toEqual(['pass', 'pass', 'warn']);
  expect(new Set(Object.values(hidden))).toEqual(new Set(['unobservable']));
});

test('load, swap, memory and a host are seen', () => {
  const busy = machine({
    'proc/loadavg': '3.20 1.00 0.50 4/200 1234',
    'proc/meminfo': 'MemTotal: 4000000 kB\nMemAvailable:   500000 kB',
    'proc/swaps': 'Filename Type Size Used Priority\n/swapfile file 1000 0 -2',
    'proc/cpuinfo': 'flags\t\t: fpu avx2 hypervisor',
    'proc/self/schedstat': '1 2 3',
    'proc/pressure/cpu': 'some avg10=0.00 total=1',
  });
  expect(states(examineLoad(2, busy))).toEqual({
    load: 'warn',
    memory: 'warn',
    swap: 'warn',
    'scheduler counters': 'pass',
    pressure: 'pass',
    'virtual machine': 'warn',
  });
});
