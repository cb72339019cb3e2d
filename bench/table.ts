import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeOpKey } from '../core/ops/op-key.js';
import { loadLatencyTable } from '../db/load-latency-table.js';
import { openDatabase } from '../db/open-database.js';
import { LatencyTableRepository } from '../db/repositories/latency-table.js';
import { benchDatabase } from './bench-database.js';
import { type BenchLine, judged } from './bench-line.js';
import { sixtyKeys } from './estimate.js';
import { medianMs } from './timing.js';

const ENTRIES = 1_000_000;

/** A table of a million measured ops: a 60-op estimate in the database, and loading it whole. */
export async function* benchTable(): AsyncIterable<BenchLine> {
  const folder = mkdtempSync(join(tmpdir(), 'lutra-bench-'));
  try {
    const file = join(folder, 'lutra.db');
    const { db: writer, environmentId } = benchDatabase(file, manyKeys());
    writer.close();
    const db = openDatabase(file);
    const tables = new LatencyTableRepository(db);
    const keys = sixtyKeys();
    const found = tables.lookup(environmentId, keys);
    if (found.size !== new Set(keys).size) throw new Error('the table holds these ops');
    const lookupMs = await medianMs(() => tables.lookup(environmentId, keys), 501, 50);
    yield judged({
      bench: 'table',
      metric: '60 ops looked up among 1,000,000',
      value: lookupMs * 1e3,
      unit: 'µs',
      goal: { atMost: 100 },
    });
    const start = performance.now();
    const table = loadLatencyTable(db, 'bench')!;
    yield judged({
      bench: 'table',
      metric: '1,000,000 entries loaded',
      value: performance.now() - start,
      unit: 'ms',
      goal: { atMost: 3000 },
      detail: { entries: table.size },
    });
    db.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function* manyKeys(): Iterable<string> {
  const wanted = new Set(sixtyKeys());
  yield* wanted;
  let count = wanted.size;
  for (let input = 1; count < ENTRIES; input++) {
    for (let filters = 1; filters <= 1000 && count < ENTRIES; filters++) {
      const key = encodeOpKey({
        kind: 'conv2d',
        input: [14, 14, input],
        filters,
        kernel: [1, 1],
        stride: [1, 1],
        padding: 'same',
        groups: 1,
        activation: null,
        residual: false,
        dtype: 'float32',
      });
      if (wanted.has(key)) continue;
      count++;
      yield key;
    }
  }
}
