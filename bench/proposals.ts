import { estimateNetwork } from '../core/latency/estimate.js';
import type { LatencyTable } from '../core/latency/latency-table.js';
import { propose } from '../core/netadapt/proposals.js';
import { buildZooNetwork } from '../core/zoo/zoo.js';
import { type BenchLine, judged } from './bench-line.js';
import { linearTable } from './linear-table.js';
import { medianMs } from './timing.js';

const WIDTH_STEP = 8;

/** All proposals of one iteration on MobileNetV3-Large: every width group, every multiple of 8. */
export async function* benchProposals(): AsyncIterable<BenchLine> {
  const network = buildZooNetwork('mobilenet-v3-large', {});
  const table = completeTable(network);
  const measuredMs = estimateNetwork(table, network).latencyMs!;
  const request = {
    network,
    measuredMs,
    targetMs: measuredMs * 0.97,
    widthStep: WIDTH_STEP,
    unmeasurable: new Set<string>(),
  };
  let proposals = 0;
  const iterationMs = await medianMs(() => {
    // A new object each time: what is remembered for a network object must not flatter the figure.
    const outcome = propose(table, { ...request, network: { ...network } });
    if (outcome.kind !== 'proposals') throw new Error('the table is complete');
    proposals = outcome.proposals.length;
  }, 15);
  yield judged({
    bench: 'proposals',
    metric: 'one MobileNetV3-Large iteration, every width group, step 8',
    value: iterationMs,
    unit: 'ms',
    goal: { atMost: 100 },
    detail: { proposals },
  });
}

/** Learns what `propose` asks for until it asks for nothing more. */
function completeTable(network: ReturnType<typeof buildZooNetwork>): LatencyTable {
  const keys = new Set<string>();
  for (;;) {
    const table = linearTable(keys);
    const outcome = propose(table, {
      network,
      measuredMs: 10,
      targetMs: 9.7,
      widthStep: WIDTH_STEP,
      unmeasurable: new Set(),
    });
    if (outcome.kind === 'proposals') return table;
    for (const key of outcome.ops) keys.add(key);
  }
}
