import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { TrainMessage, type TrainOrder } from '../../../contracts/train-message.js';
import { trainerEnvironment } from '../../../training/trainer-environment.js';
import { boundNode } from '../bound-command.js';
import { describeDeath } from '../describe-death.js';
import { MessageReader } from '../message-reader.js';

/** How an order ended. `died`: the child was lost, or was killed because it fell silent. */
export type TrainEnd =
  | Extract<TrainMessage, { type: 'trained' | 'failed' }>
  | {
      readonly type: 'died';
      readonly how: 'crashed' | 'timeout' | 'out-of-memory';
      readonly message: string;
    };

export interface TrainRun {
  /** Kills the child; the promise rejects with the signal's reason. */
  readonly signal: AbortSignal;
  onProgress(progress: Extract<TrainMessage, { type: 'progress' }>): void;
}

const CHILD = fileURLToPath(new URL('./train-child.js', import.meta.url));
/** The child says something every second, unless an engine blocks it: a step of seconds is slow, a minute is a hang. */
const SILENCE_MS = 60_000;
const STDERR_TAIL = 2_000;

/**
 * A training child on one core, kept from job to job since engines and data sets are slow to load; replaced after any
 * bad end, and when it was killed, even if it had its result out by then.
 */
export class TrainProcess {
  private child: ChildProcess | undefined;

  /** @param cpu core to run on; null = any, and without the core's lock */
  constructor(private readonly cpu: number | null) {}

  /** One order at a time. */
  run(order: TrainOrder, run: TrainRun): Promise<TrainEnd> {
    const child = this.child ?? this.start();
    return new Promise((resolve, reject) => {
      const reader = new MessageReader(TrainMessage);
      const messages = child.stdio[3] as NodeJS.ReadableStream;
      let stderr = '';
      let killedBecause: TrainEnd | undefined;
      const kill = (how: 'crashed' | 'timeout', message: string) => {
        killedBecause ??= { type: 'died', how, message };
        child.kill('SIGKILL');
      };
      const silence = setTimeout(() => kill('timeout', `no sign of life for ${SILENCE_MS} ms`), SILENCE_MS);
      const settle = (end: TrainEnd) => {
        clearTimeout(silence);
        run.signal.removeEventListener('abort', onAbort);
        messages.removeListener('data', onData);
        child.stderr?.removeListener('data', onStderr);
        child.removeListener('close', onClose).removeListener('error', onError);
        if (end.type !== 'trained' || run.signal.aborted) this.close();
        if (run.signal.aborted) reject(run.signal.reason);
        else resolve(end);
      };
      const onAbort = () => kill('crashed', 'stopped by the supervisor');
      const onData = (chunk: string) => {
        silence.refresh();
        for (const line of reader.push(chunk)) {
          if ('invalid' in line)
            return kill('crashed', `the child wrote what is no message: ${line.invalid}`);
          const { message } = line;
          if (message.type === 'progress') run.onProgress(message);
          else if (message.type !== 'alive') settle(message);
        }
      };
      const onStderr = (text: string) => {
        stderr = (stderr + text).slice(-STDERR_TAIL);
      };
      const onClose = (code: number | null, signal: NodeJS.Signals | null) =>
        settle(killedBecause ?? death(code, signal, stderr));
      const onError = (error: Error) => settle({ type: 'died', how: 'crashed', message: error.message });

      run.signal.addEventListener('abort', onAbort, { once: true });
      messages.on('data', onData);
      child.stderr?.on('data', onStderr);
      child.on('close', onClose).on('error', onError);
      child.stdin?.write(`${JSON.stringify(order)}\n`);
      if (run.signal.aborted) onAbort();
    });
  }

  /** Ends the child. */
  close(): void {
    this.child?.kill('SIGKILL');
    this.child = undefined;
  }

  private start(): ChildProcess {
    const flags = this.cpu === null ? [] : ['--cpu', String(this.cpu)];
    const { file, args } = boundNode(this.cpu === null ? null : [this.cpu], [
      '--enable-source-maps',
      CHILD,
      ...flags,
    ]);
    const env = trainerEnvironment(process.env);
    const child = spawn(file, args, { stdio: ['pipe', 'ignore', 'pipe', 'pipe'], env });
    (child.stdio[3] as NodeJS.ReadableStream).setEncoding('utf8');
    child.stderr?.setEncoding('utf8');
    // A child that dies while it is told its order breaks the pipe; its end says why.
    child.stdin?.on('error', () => undefined);
    child.once('close', () => {
      if (this.child === child) this.child = undefined;
    });
    this.child = child;
    return child;
  }
}

function death(code: number | null, signal: NodeJS.Signals | null, stderr: string): TrainEnd {
  const { kind, message } = describeDeath(code, signal, stderr);
  return { type: 'died', how: kind, message };
}
