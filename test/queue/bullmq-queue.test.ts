import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { afterAll, beforeAll } from 'vitest';
import { BullmqJobQueue } from '../../queue/bullmq/bullmq-queue.js';
import { type RedisServer, startRedis } from '../support/redis-server.js';
import { describeQueueConformance } from './queue-conformance.js';

const CLAIMER = fileURLToPath(new URL('./children/bullmq-claimer.mjs', import.meta.url));
let server: RedisServer;
let databases = 0;

beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.close());

describeQueueConformance('BullMQ queue', async () => {
  const redis = new Redis(server.url);
  const prefix = `lutra-${databases++}`;
  const queue = new BullmqJobQueue(redis, prefix);
  return {
    queue,
    // Redis keeps the time of its leases itself.
    advance: async (ms) => {
      await sleep(ms);
    },
    claimer: [CLAIMER, server.url, prefix],
    close: async () => {
      await queue.close();
      redis.disconnect();
    },
  };
});
