import type { Finding } from '../../contracts/doctor.js';
import type { MachineReader } from './machine-reader.js';

const GIB = 2 ** 30;
/** Enough for the service, a trainer and a large network. */
const ENOUGH_BYTES = 2 * GIB;
const BUSY_SHARE = 0.5;

/** What runs beside a measurement, and whether its traces can be seen. */
export function examineLoad(coreCount: number, read: MachineReader): Finding[] {
  return [load(coreCount, read), memory(read), swap(read), scheduler(read), pressure(read), host(read)];
}

function load(coreCount: number, read: MachineReader): Finding {
  const name = 'load';
  const average = Number(read('proc/loadavg')?.split(' ')[0] ?? Number.NaN);
  if (!Number.isFinite(average)) return { name, state: 'unobservable', detail: 'no load average' };
  const detail = `${average.toFixed(2)} over the last minute, on ${coreCount} cores`;
  if (average <= BUSY_SHARE * coreCount) return { name, state: 'pass', detail };
  return { name, state: 'warn', detail, mend: 'wait, or stop what else runs: top shows it' };
}

function memory(read: MachineReader): Finding {
  const name = 'memory';
  const kilobytes = /^MemAvailable:\s*(\d+) kB/m.exec(read('proc/meminfo') ?? '')?.[1];
  if (kilobytes === undefined) return { name, state: 'unobservable', detail: 'not shown' };
  const bytes = Number(kilobytes) * 1024;
  const detail = `${(bytes / GIB).toFixed(1)} GiB free`;
  if (bytes >= ENOUGH_BYTES) return { name, state: 'pass', detail };
  return {
    name,
    state: 'warn',
    detail,
    mend: 'large networks may be killed: free some, or lutra serve --trainers 1',
  };
}

function swap(read: MachineReader): Finding {
  const name = 'swap';
  const swaps = read('proc/swaps');
  if (swaps === undefined) return { name, state: 'unobservable', detail: 'not shown' };
  if (swaps.split('\n').length < 2) return { name, state: 'pass', detail: 'none' };
  return {
    name,
    state: 'warn',
    detail: 'on: memory that was swapped out is slow once',
    mend: 'swapoff -a (as root)',
  };
}

function scheduler(read: MachineReader): Finding {
  const name = 'scheduler counters';
  if (read('proc/self/schedstat') !== undefined)
    return { name, state: 'pass', detail: 'time spent waiting for a core is seen, thread by thread' };
  return {
    name,
    state: 'warn',
    detail: 'a measurement that waited for its core is not recognised',
    mend: 'a kernel with CONFIG_SCHED_INFO',
  };
}

function pressure(read: MachineReader): Finding {
  const name = 'pressure';
  if (read('proc/pressure/cpu') !== undefined)
    return { name, state: 'pass', detail: 'shortage of processor, memory and disk is seen' };
  return { name, state: 'unobservable', detail: 'no /proc/pressure: boot with psi=1 to see shortage' };
}

function host(read: MachineReader): Finding {
  const name = 'virtual machine';
  const info = read('proc/cpuinfo');
  if (info === undefined) return { name, state: 'unobservable', detail: 'not shown' };
  if (!/^flags\s*:.*\bhypervisor\b/m.test(info))
    return { name, state: 'pass', detail: 'no: the cores are real' };
  return {
    name,
    state: 'warn',
    detail: 'yes: the host may take the core away without a trace; every session probes for that',
    mend: 'measure on the hardware itself where figures must be exact',
  };
}
