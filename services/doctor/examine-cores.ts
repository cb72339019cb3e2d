import type { Finding } from '../../contracts/doctor.js';
import { parseCoreList } from '../serve/allowed-cores.js';
import { type Cores, formatCores } from '../worker/format-cores.js';
import type { MachineReader } from './machine-reader.js';

/** Which cores there are, and what else uses or changes them. */
export function examineCores(
  allowed: Cores,
  tools: { readonly taskset: boolean; readonly setpriv: boolean },
  read: MachineReader,
): Finding[] {
  return [count(allowed), pinning(tools), isolation(allowed, read), siblings(allowed, read), ...clocks(read)];
}

function count(allowed: Cores): Finding {
  const name = 'cores';
  if (allowed.length > 1) {
    return { name, state: 'pass', detail: `${allowed.length} (${formatCores(allowed)}): one to measure on` };
  }
  return {
    name,
    state: 'warn',
    detail: 'one: the service and the measurements take turns on it',
    mend: 'a second core keeps the rest of the service off the measured one',
  };
}

function pinning({ taskset, setpriv }: { readonly taskset: boolean; readonly setpriv: boolean }): Finding {
  const name = 'pinning';
  const missing = [taskset ? [] : ['taskset'], setpriv ? [] : ['setpriv']].flat();
  if (missing.length === 0) return { name, state: 'pass', detail: 'taskset and setpriv are here' };
  return {
    name,
    state: 'warn',
    detail: `no ${missing.join(' and ')}: ${taskset ? 'a measuring process may outlive its supervisor' : 'measurements wander between cores'}`,
    mend: 'install util-linux (Linux only)',
  };
}

function isolation(allowed: Cores, read: MachineReader): Finding {
  const name = 'isolation';
  const list = read('sys/devices/system/cpu/isolated');
  if (list === undefined) return { name, state: 'unobservable', detail: 'the kernel does not tell' };
  const isolated = parseCoreList(list).filter((core) => allowed.includes(core));
  if (isolated.length > 0)
    return { name, state: 'pass', detail: `cores ${formatCores(isolated)} are isolated` };
  return {
    name,
    state: 'warn',
    detail: 'the kernel may run other programs on the measured core',
    mend: 'stop busy programs while measuring, or boot with isolcpus=<core> and lutra worker --cpu <core>',
  };
}

function siblings(allowed: Cores, read: MachineReader): Finding {
  const name = 'hyper-threading';
  const core = allowed[0] ?? 0;
  const list = read(`sys/devices/system/cpu/cpu${core}/topology/thread_siblings_list`);
  if (list === undefined) return { name, state: 'unobservable', detail: 'the kernel does not tell' };
  const others = parseCoreList(list).filter((sibling) => sibling !== core);
  if (others.length === 0)
    return { name, state: 'pass', detail: `core ${core} shares its units with no other` };
  return {
    name,
    state: 'warn',
    detail: `core ${core} shares its units with core ${formatCores(others)}`,
    mend: 'echo off > /sys/devices/system/cpu/smt/control (as root), or leave the other one idle',
  };
}

function clocks(read: MachineReader): Finding[] {
  const governor = read('sys/devices/system/cpu/cpu0/cpufreq/scaling_governor');
  const turbo = turboState(read);
  return [
    governor === undefined
      ? { name: 'governor', state: 'unobservable', detail: 'no frequency control is shown (usual in a VM)' }
      : governor === 'performance'
        ? { name: 'governor', state: 'pass', detail: 'performance' }
        : {
            name: 'governor',
            state: 'warn',
            detail: `${governor}: the clock follows the load`,
            mend: 'cpupower frequency-set -g performance (as root)',
          },
    turbo === undefined
      ? { name: 'turbo', state: 'unobservable', detail: 'not shown' }
      : turbo
        ? {
            name: 'turbo',
            state: 'warn',
            detail: 'on: the clock depends on temperature and on the other cores',
            mend: 'off for comparable figures; on if that is how the network will run',
          }
        : { name: 'turbo', state: 'pass', detail: 'off' },
  ];
}

function turboState(read: MachineReader): boolean | undefined {
  const disabled = read('sys/devices/system/cpu/intel_pstate/no_turbo');
  if (disabled !== undefined) return disabled === '0';
  const boost = read('sys/devices/system/cpu/cpufreq/boost');
  return boost === undefined ? undefined : boost === '1';
}
