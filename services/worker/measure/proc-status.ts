import { readFileSync } from 'node:fs';

/** Facts that the kernel tells about a process's main thread; a field is absent where it cannot be read. */
export interface ProcStatus {
  /** Cores that the thread may run on, e.g. `0` or `0-3,6`. */
  readonly allowedCores?: string;
  readonly involuntarySwitches?: number;
}

/** @param pid a process id, or `self` */
export function readProcStatus(pid: number | 'self'): ProcStatus {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return {};
  }
  const allowedCores = /^Cpus_allowed_list:\s*(\S+)/m.exec(text)?.[1];
  const switches = /^nonvoluntary_ctxt_switches:\s*(\d+)/m.exec(text)?.[1];
  return {
    ...(allowedCores === undefined ? {} : { allowedCores }),
    ...(switches === undefined ? {} : { involuntarySwitches: Number(switches) }),
  };
}
