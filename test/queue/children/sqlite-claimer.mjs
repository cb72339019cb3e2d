// Claims from the embedded queue as a process of its own: see QueueUnderTest.claimer.
import { text } from 'node:stream/consumers';
import { openDatabase } from '../../../dist/db/open-database.js';
import { SqliteJobQueue } from '../../../dist/queue/sqlite/sqlite-queue.js';

const [file, queueName, worker, leaseMs, mode] = process.argv.slice(2);
const queue = new SqliteJobQueue(openDatabase(file));
console.log('ready');
await text(process.stdin);
for (;;) {
  const lease = await queue.claim([queueName], worker, Number(leaseMs));
  if (lease === null) break;
  console.log(lease.jobId);
  if (mode === 'hold') {
    setInterval(() => {}, 1_000);
    break;
  }
  if (!(await queue.complete(lease))) throw new Error(`lost ${lease.jobId}`);
}
