import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Network } from '../../core/network/network.js';

/** PyTorch as users run it, and its two usual ways to go faster on a processor. */
export const TORCH_VARIANTS = ['eager', 'channels_last', 'compile'] as const;
export type TorchVariant = (typeof TORCH_VARIANTS)[number];

/** PyTorch in a process of its own, training one network whenever it is told to (./torch_step.py). */
export class TorchProcess {
  /** Seconds until each variant was warm, and the version of PyTorch. */
  readonly warmup = new Map<TorchVariant, { readonly warmupS: number; readonly torch: string }>();

  private constructor(
    private readonly child: ChildProcess,
    private readonly lines: AsyncIterator<string>,
  ) {}

  /** Starts it and waits until all variants are compiled and warm. */
  static async start(python: string, network: Network, batch: number): Promise<TorchProcess> {
    const script = join(repositoryRoot(), 'bench', 'peers', 'torch_step.py');
    const child = spawn(python, [script], { stdio: ['pipe', 'pipe', 'inherit'] });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const torch = new TorchProcess(child, lines);
    torch.send({ network, batch, variants: TORCH_VARIANTS });
    for (const variant of TORCH_VARIANTS) {
      torch.warmup.set(variant, (await torch.receive()) as { warmupS: number; torch: string });
    }
    return torch;
  }

  /** @returns milliseconds of each step */
  async steps(variant: TorchVariant, count: number): Promise<readonly number[]> {
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
    if (done) throw new Error(`PyTorch ended early, with code ${this.child.exitCode}`);
    return JSON.parse(value);
  }
}

/**
 * A Python with PyTorch: the one named by LUTRA_PEER_PYTHON, or a virtual environment under `.venv/peers`, made on
 * first use.
 * @returns undefined, and says why, where there is none to be had
 */
export function findPeerPython(): string | undefined {
  const named = process.env.LUTRA_PEER_PYTHON;
  if (named !== undefined) return named;
  const home = join(repositoryRoot(), '.venv', 'peers');
  const python = join(home, 'bin', 'python');
  const succeeds = (command: string, ...args: string[]) =>
    spawnSync(command, args, { stdio: ['ignore', 2, 2] }).status === 0;
  if (existsSync(python) && succeeds(python, '-c', 'import torch')) return python;
  console.error('making .venv/peers with PyTorch: several gigabytes, some minutes');
  if (
    succeeds('python3', '-m', 'venv', home) &&
    succeeds(python, '-m', 'pip', 'install', '--quiet', 'torch', 'numpy')
  ) {
    return python;
  }
  console.error('peers skipped: python3 with venv and pip is needed, and a way to the package index');
  return undefined;
}

/** The repository's folder, from `dist/bench/peers` or `bench/peers`. */
function repositoryRoot(): string {
  const here = fileURLToPath(new URL('.', import.meta.url));
  const [source, built] = [join(here, '..', '..'), join(here, '..', '..', '..')];
  return existsSync(join(source, 'package.json')) ? source : built;
}
