// Claims from the queue in Redis as a process of its own: see QueueUnderTest.claimer.
import { text } from 'node:stream/consumers';
import { Redis } from 'ioredis';
import { BullmqJobQueue } from '../../../dist/queue/bullmq/bullmq-queue.js';

const [url, prefix, queueName, worker, leaseMs, mode] = process.argv.slice(2);
const redis = new Redis(url);
const queue = new BullmqJobQueue(redis, prefix);
await redis.ping();
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
if (mode !== 'hold') {
  await queue.close();
  redis.disconnect();
}
