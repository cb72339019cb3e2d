import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ServeReady } from '../../services/serve/main.js';
import { descendantsOf, type RunningProcess } from './process-tree.js';

const MAIN = fileURLToPath(new URL('../../dist/services/serve/main.js', import.meta.url));

/** A process of the service, by what it does. */
export type Part = 'api' | 'worker' | 'measuring child' | 'trainer' | 'training child' | 'orchestrator';

const COMMAND_OF: Readonly<Record<Part, RegExp>> = {
  api: /\/api\/server\.js/,
  worker: /\/worker\/main\.js --role measure/,
  'measuring child': /\/measure-child\.js(?!.*--describe)/,
  trainer: /\/worker\/main\.js --role train/,
  'training child': /\/train-child\.js/,
  orchestrator: /\/netadapt\/main\.js/,
};

/** The whole service, started as a user starts it: the built entry, a port of its own, the fake device. */
export class RunningService {
  private constructor(
    private readonly child: ReturnType<typeof fork>,
    readonly url: string,
  ) {}

  /** @param more arguments of `serve` */
  static async start(
    dataDirectory: string,
    runtimeOptions: object,
    more: readonly string[] = [],
  ): Promise<RunningService> {
    const args = ['--port', '0', '--data', dataDirectory, '--trainers', '2', '--runtime', 'fake', ...more];
    const child = fork(MAIN, [...args, '--runtime-options', JSON.stringify(runtimeOptions)], {
      silent: true,
    });
    let text = '';
    child.stderr?.on('data', (chunk) => {
      text += chunk;
    });
    child.stdout?.resume();
    const [message] = (await once(child, 'message')) as [ServeReady | { type: 'failed' }];
    if (message.type !== 'ready') throw new Error(`the service did not start:\n${text}`);
    return new RunningService(child, message.url);
  }

  /** Its own processes of this kind, children of children too. */
  find(part: Part): readonly RunningProcess[] {
    return this.processes().filter(({ command }) => COMMAND_OF[part].test(command));
  }

  processes(): readonly RunningProcess[] {
    return descendantsOf(this.child.pid!);
  }

  /**
   * kill -9 of one of its processes, if it is there at this moment.
   * @param workerPid which worker, or whose child
   */
  killPart(part: Part, workerPid: number): boolean {
    const victim = this.victimOf(part, workerPid);
    return victim !== undefined && killIfThere(victim.pid);
  }

  /** kill -9 of the process that was started, not of those that it started. */
  async killAlone(): Promise<void> {
    const exit = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exit;
  }

  /** kill -9 of the service with all that it started, as a power cut would. */
  async killWhole(): Promise<void> {
    const victims = this.processes();
    const exit = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    for (const { pid } of victims) killIfThere(pid);
    await exit;
  }

  private victimOf(part: Part, workerPid: number): RunningProcess | undefined {
    const candidates = this.find(part);
    if (!OF_A_WORKER.has(part)) return candidates[0];
    return candidates.find(({ pid, parent }) => pid === workerPid || parent === workerPid);
  }

  /** Ctrl-C. */
  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exit = once(this.child, 'exit');
    this.child.kill('SIGINT');
    await exit;
  }
}

const OF_A_WORKER: ReadonlySet<Part> = new Set(['worker', 'trainer', 'measuring child', 'training child']);

/** Whether there was a process to kill. */
function killIfThere(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    return false;
  }
}
