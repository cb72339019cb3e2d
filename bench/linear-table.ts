import { LatencyTable, type TableEntry } from '../core/latency/latency-table.js';
import { decodeOpKey } from '../core/ops/op-key.js';
import { opMacs } from '../core/ops/op-macs.js';

/** A table in which every op takes 1 µs and 30 ps a MAC, on a host with two levels of cache: plausible, the same everywhere. */
export function linearTable(keys: Iterable<string>): LatencyTable {
  const entries: TableEntry[] = [...new Set(keys)].map((key) => {
    const latencyNs = 1_000 + opMacs(decodeOpKey(key)) * 0.03;
    return {
      key,
      latencyNs,
      lowNs: latencyNs * 0.99,
      highNs: latencyNs * 1.01,
      source: 'measured',
      samples: 200,
      measuredAtMs: 0,
    };
  });
  return new LatencyTable({
    device: 'bench',
    environmentHash: '',
    channelStep: 8,
    entries,
    observations: [],
    memoryCurve: [0.5, 2, 4, 8, 16, 32, 64].map((megabytes) => ({
      footprintBytes: megabytes * 2 ** 20,
      nsPerByte: 0.005 + 0.0003 * megabytes,
    })),
  });
}
