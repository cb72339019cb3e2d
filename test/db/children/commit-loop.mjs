// Runs jobs from submission to commit, one after the other, until it is killed. Prints what was acknowledged:
// `submitted <job id>` and `committed <job id>`, each after the call that promises it has returned.
import { writeSync } from 'node:fs';
import { BlobStore } from '../../../dist/db/blob-store.js';
import { openDatabase } from '../../../dist/db/open-database.js';
import { SqliteJobQueue } from '../../../dist/queue/sqlite/sqlite-queue.js';
import { LocalLeaseSource } from '../../../dist/services/lease/local-lease-source.js';
import { submitJob } from '../../../dist/services/lease/submit-job.js';

const [directory, payloadText, reportText] = process.argv.slice(2);
const db = openDatabase(`${directory}/lutra.db`);
const queue = new SqliteJobQueue(db);
const source = new LocalLeaseSource({
  db,
  queue,
  blobs: new BlobStore(directory),
  worker: `w${process.pid}`,
  capabilities: { device: 'local', hasDataset: null },
  leaseMs: 200,
});
const report = JSON.parse(reportText);
for (;;) {
  const job = { kind: 'measure', queue: 'device.local', priority: 0, payload: JSON.parse(payloadText) };
  writeSync(1, `submitted ${(await submitJob(db, queue, job)).id}\n`);
  const work = await source.claim();
  if (work === null) continue;
  await source.heartbeat(work.lease, { done: 1, total: 2 });
  if ((await source.complete(work.lease, { kind: 'measure', report })) === 'committed') {
    writeSync(1, `committed ${work.lease.jobId}\n`);
  }
}
