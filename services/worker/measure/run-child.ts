import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { MeasureMessage } from '../../../contracts/measure-message.js';
import type { FailureKind, MeasurementPlan } from '../../../contracts/measurement.js';
import { boundNode } from '../bound-command.js';
import { describeDeath } from '../describe-death.js';
import type { Cores } from '../format-cores.js';
import { MessageReader } from '../message-reader.js';

export interface ChildOptions {
  /** Cores to run on; null = any. */
  readonly cores: Cores | null;
  /** Ends the child; the promise then rejects with the signal's reason. */
  readonly signal: AbortSignal;
  /** Killed when it stays silent for longer. */
  readonly silenceMs: number;
  readonly describe?: boolean;
  onMessage(message: MeasureMessage): void;
}

/** How a child ended: as it should, or before that. */
export type ChildEnd =
  | { readonly ok: true }
  | { readonly ok: false; readonly kind: FailureKind; readonly message: string };

const CHILD = fileURLToPath(new URL('./measure-child.js', import.meta.url));
const STDERR_TAIL = 2000;

/**
 * Starts a measuring child, hands it the plan, passes on its messages, and sees to its end: whatever happens, the
 * process is gone when the promise settles.
 */
export function runMeasureChild(plan: MeasurementPlan, options: ChildOptions): Promise<ChildEnd> {
  const flags = options.describe === true ? ['--describe'] : [];
  const { file, args } = boundNode(options.cores, [...NODE_FLAGS, CHILD, ...flags]);
  const child = spawn(file, args, { stdio: ['pipe', 'ignore', 'pipe', 'pipe'] });
  const reader = new MessageReader(MeasureMessage);
  let stderr = '';
  let ended = false;
  let killedBecause: Extract<ChildEnd, { ok: false }> | undefined;

  const kill = (kind: FailureKind, message: string) => {
    killedBecause ??= { ok: false, kind, message };
    child.kill('SIGKILL');
  };
  const silence = setTimeout(
    () => kill('timeout', `no sign of life for ${options.silenceMs} ms`),
    options.silenceMs,
  );
  const onAbort = () => kill('crashed', 'stopped by the supervisor');
  if (options.signal.aborted) onAbort();
  options.signal.addEventListener('abort', onAbort, { once: true });

  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_TAIL);
  });
  const messages = child.stdio[3] as NodeJS.ReadableStream;
  messages.setEncoding('utf8');
  messages.on('data', (chunk: string) => {
    silence.refresh();
    for (const line of reader.push(chunk)) {
      if ('invalid' in line) return kill('crashed', `the child wrote what is no message: ${line.invalid}`);
      if (line.message.type === 'end') ended = true;
      options.onMessage(line.message);
    }
  });
  // A child that dies before it read its plan breaks the pipe; its end says why.
  child.stdin?.on('error', () => undefined).end(JSON.stringify(plan));

  return new Promise((resolve, reject) => {
    const settle = (end: ChildEnd) => {
      clearTimeout(silence);
      options.signal.removeEventListener('abort', onAbort);
      if (options.signal.aborted) reject(options.signal.reason);
      else resolve(end);
    };
    child.on('error', (error) => settle({ ok: false, kind: 'crashed', message: error.message }));
    child.on('close', (code, signal) => {
      if (killedBecause !== undefined) settle(killedBecause);
      else if (code === 0 && ended) settle({ ok: true });
      else settle({ ok: false, ...describeDeath(code, signal, stderr) });
    });
  });
}

/**
 * Compiling and collecting on other threads would compete for the child's only core; little is collected at all.
 * WebAssembly has one speed: V8 steps up from its baseline compiler function by function, and a process in which one
 * kernel had not got there measured it at half its speed.
 */
const NODE_FLAGS = ['--single-threaded', '--no-liftoff', '--max-semi-space-size=64', '--enable-source-maps'];
