import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_PROTOCOL, type Protocol } from '../../contracts/measurement.js';
import { CORE } from './held-session.js';

/** Something that goes wrong while a session is held; ends with the returned call. */
export interface Disturbance {
  readonly name: string;
  /** Of the sessions that it is done to, where it takes longer than the visits of a default one. */
  readonly protocol?: Protocol;
  start(): () => void;
}

const PERIOD_MS = 20;

/** Busy for a share of every 20 ms, on the measured core. */
function spinner(share: number): Disturbance {
  const busyMs = share * PERIOD_MS;
  const script = `const busy = ${busyMs}, idle = ${PERIOD_MS - busyMs};
    (function turn() { const end = performance.now() + busy; while (performance.now() < end);
      idle > 0 ? setTimeout(turn, idle) : setImmediate(turn); })();`;
  return {
    name: `spinner at ${share * 100} % on the measured core`,
    start: () => ending(spawn('taskset', ['--cpu-list', String(CORE), process.execPath, '-e', script])),
  };
}

/** Writes through 256 MiB again and again, on another core. */
const memoryHog: Disturbance = {
  name: 'memory hog on another core',
  start: () => {
    const script =
      'const a = new Float64Array(2 ** 25); for (;;) for (let i = 0; i < a.length; i += 8) a[i] += 1;';
    return ending(spawn('taskset', ['--cpu-list', String(CORE + 1), process.execPath, '-e', script]));
  },
};

const stopPulses: Disturbance = {
  name: 'SIGSTOP pulses, 10 ms in every 30',
  start: () =>
    repeating(async (pid) => {
      process.kill(pid, 'SIGSTOP');
      await sleep(10);
      process.kill(pid, 'SIGCONT');
      await sleep(20);
    }),
};

/** Half a second in, when the visits have begun: every thread is moved to another core, then back. */
const affinityChange: Disturbance = {
  name: 'affinity changed in the middle',
  protocol: { ...DEFAULT_PROTOCOL, spreadMs: 1_500 },
  start: () => {
    let changes = 0;
    return repeating(async (pid) => {
      await sleep(500);
      const cores = changes++ % 2 === 0 ? `${CORE + 1}` : String(CORE);
      spawnSync('taskset', ['--all-tasks', '--pid', '--cpu-list', cores, String(pid)], { stdio: 'ignore' });
    });
  },
};

export const DISTURBANCES: readonly Disturbance[] = [
  spinner(0.25),
  spinner(0.5),
  spinner(1),
  stopPulses,
  memoryHog,
  affinityChange,
];

function ending(child: ChildProcess): () => void {
  return () => void child.kill('SIGKILL');
}

/** Does something to the measuring child over and over, until it is ended. */
function repeating(step: (pid: number) => Promise<void>): () => void {
  let ended = false;
  const run = async () => {
    while (!ended) {
      const pid = measuringChild();
      if (pid === undefined) await sleep(5);
      else await step(pid).catch(() => undefined);
    }
    const pid = measuringChild();
    if (pid !== undefined) process.kill(pid, 'SIGCONT');
  };
  void run();
  return () => {
    ended = true;
  };
}

/** The child of this process that measures. */
function measuringChild(): number | undefined {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => {
      try {
        const parent = /^\d+ \(.*\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
        return (
          Number(parent) === process.pid &&
          readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('measure-child')
        );
      } catch {
        return false;
      }
    });
}
