import { LatencyTable, type TableEntry } from '../../core/latency/latency-table.js';
import type { MeasuredLatency } from '../../core/netadapt/run-event.js';
import { contentHash } from '../../core/network/content-hash.js';
import type { Network } from '../../core/network/network.js';
import { fuse } from '../../core/ops/fuse.js';
import type { Op } from '../../core/ops/op.js';
import { decodeOpKey } from '../../core/ops/op-key.js';
import { opMacs } from '../../core/ops/op-macs.js';

export const CHANNEL_STEP = 16;

interface Formula {
  readonly opNs: number;
  readonly macsPerNs: number;
  readonly channelStep: number;
}

/** A device with a formula: 500 ns an op, 1 ns for 50 MACs, channels paid for in whole blocks of 16. */
export class SimulatedDevice {
  private readonly known = new Map<string, TableEntry>();
  private readonly formula: Formula;
  measuredOps = 0;

  constructor(changes: Partial<Formula> = {}) {
    this.formula = { opNs: 500, macsPerNs: 50, channelStep: CHANNEL_STEP, ...changes };
  }

  get channelStep(): number {
    return this.formula.channelStep;
  }

  opNs(key: string): number {
    const { opNs, macsPerNs, channelStep } = this.formula;
    return opNs + opMacs(paidFor(decodeOpKey(key), channelStep)) / macsPerNs;
  }

  /** A tenth more than the sum of its ops. */
  measure(network: Network): MeasuredLatency {
    const sumNs = fuse(network).reduce((sum, { key }) => sum + this.opNs(key), 0);
    const latencyMs = (1.1 * sumNs) / 1e6;
    const networkHash = contentHash(network);
    return { networkHash, latencyMs, lowMs: 0.99 * latencyMs, highMs: 1.01 * latencyMs, trusted: true };
  }

  learn(keys: readonly string[]): void {
    for (const key of keys) {
      if (this.known.has(key)) continue;
      const latencyNs = this.opNs(key);
      this.measuredOps++;
      this.known.set(key, {
        key,
        latencyNs,
        lowNs: 0.98 * latencyNs,
        highNs: 1.02 * latencyNs,
        source: 'measured',
        samples: 80,
        measuredAtMs: 0,
      });
    }
  }

  table(): LatencyTable {
    return new LatencyTable({
      device: 'simulated',
      environmentHash: 'e',
      channelStep: this.channelStep,
      entries: this.known.values(),
      observations: [],
    });
  }
}

function paidFor(op: Op, channelStep: number): Op {
  const whole = (channels: number): number => Math.ceil(channels / channelStep) * channelStep;
  switch (op.kind) {
    case 'conv2d':
      return { ...op, input: [op.input[0], op.input[1], whole(op.input[2])], filters: whole(op.filters) };
    case 'depthwise':
    case 'squeezeExcite':
      return { ...op, input: [op.input[0], op.input[1], whole(op.input[2])] };
    case 'dense':
      return { ...op, inputs: whole(op.inputs), units: whole(op.units) };
    default:
      return op;
  }
}
