import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Network } from '../../core/network/network.js';
import { trainerEnvironment } from '../../training/trainer-environment.js';
import { repositoryRoot } from './repository-root.js';

/** What a process says of a variant once it is warm. */
export interface Warmup {
  readonly warmupS: number;
  /** The engine's version. */
  readonly version: string;
}

/**
 * An engine in a process of its own, with a trainer's environment, which trains one network whenever it is its turn:
 * engines take turns in one run, so that what slows the machine down for a while slows all of them.
 */
export class TurnProcess {
  readonly warmup = new Map<string, Warmup>();

  private constructor(
    private readonly child: ChildProcess,
    private readonly lines: AsyncIterator<string>,
  ) {}

  /** PyTorch: `eager`, `channels_last` and `compile`. */
  static torch(python: string, network: Network, batch: number, variants: readonly string[]) {
    const script = `${repositoryRoot()}/bench/peers/torch_step.py`;
    return TurnProcess.start(python, [script], { network, batch, variants });
  }

  /** Lutra's onnxruntime trainer: one variant, `lutra`. */
  static lutra(network: Network, batch: number) {
    const url = import.meta.url.replace('turn-process', 'lutra-step');
    const args = [...process.execArgv, fileURLToPath(url)];
    return TurnProcess.start(process.execPath, args, { network, batch, variants: ['lutra'] });
  }

  private static async start(
    file: string,
    args: readonly string[],
    request: { readonly network: Network; readonly batch: number; readonly variants: readonly string[] },
  ): Promise<TurnProcess> {
    const env = trainerEnvironment(process.env);
    const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'], env });
    const turns = new TurnProcess(child, createInterface(child.stdout)[Symbol.asyncIterator]());
    turns.send(request);
    for (const variant of request.variants) turns.warmup.set(variant, (await turns.receive()) as Warmup);
    return turns;
  }

  /** @returns milliseconds of each step */
  async steps(variant: string, count: number): Promise<readonly number[]> {
    this.send({ variant, steps: count });
    return ((await this.receive()) as { durationsMs: number[] }).durationsMs;
  }

  stop(): void {
    this.child.stdin!.end();
  }

  private send(message: object): void {
    this.child.stdin!.write(`${JSON.stringify(message)}\n`);
  }

  private async receive(): Promise<unknown> {
    const { value, done } = await this.lines.next();
    if (done) throw new Error(`the process ended early, with code ${this.child.exitCode}`);
    return JSON.parse(value);
  }
}
