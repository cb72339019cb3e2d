import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
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

describe('BullMQ queue: turns, of which there are ten thousand', () => {
  /** A queue whose submitters have had so many turns already, and may not have been served them. */
  async function openAt(turns: Readonly<Record<string, number>>) {
    const redis = new Redis(server.url);
    const prefix = `lutra-${databases++}`;
    const queue = new BullmqJobQueue(redis, prefix);
    onTestFinished(async () => {
      await queue.close();
      redis.disconnect();
    });
    const submit = async (...jobIds: readonly string[]) => {
      for (const jobId of jobIds) {
        const submitter = jobId[0] === 'a' ? 'ada' : 'bob';
        await queue.enqueue({ jobId, queue: 'device.a', submitter });
      }
    };
    const claim = async () => (await queue.claim(['device.a'], 'w', 5_000))!;
    const drain = async () => {
      const order: string[] = [];
      for (let lease = await claim(); lease !== null; lease = await claim()) {
        order.push(lease.jobId);
        expect(await queue.complete(lease)).toBe(true);
      }
      return order;
    };
    // The queue is not empty: an empty one counts from 0 again.
    await submit('a-first');
    await redis.hset(`${prefix}:device.a:turns:0`, turns);
    return { queue, submit, claim, drain };
  }

  it('begin anew in a queue that is never empty: submitters go on taking them', async () => {
    const { submit, drain } = await openAt({ served: 9_997, 'of:ada': 9_997, 'of:bob': 9_997 });
    await submit('a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'b3', 'a5');
    expect(await drain()).toEqual(['a-first', 'a1', 'b1', 'a2', 'b2', 'a3', 'b3', 'a4', 'a5']);
  });

  it('begin anew for jobs that are held or wait for another attempt, too', async () => {
    const { queue, submit, claim, drain } = await openAt({ served: 9_996, 'of:ada': 9_996, 'of:bob': 9_996 });
    await queue.complete(await claim());
    await submit('a1', 'a2', 'b1');
    const held = await claim();
    expect(held.jobId).toBe('a1');
    const later = await claim();
    expect(later.jobId).toBe('b1');
    expect(await queue.retry(later, 50)).toBe(true);
    await submit('a3', 'a4', 'b2');
    await sleep(60);
    expect(await queue.release(held)).toBe(true);
    expect(await drain()).toEqual(['a1', 'b1', 'a2', 'b2', 'a3', 'a4']);
  });

  it('are given once: a job that is told again keeps its own, and one that is gone leaves nothing', async () => {
    const { queue, submit, drain } = await openAt({ served: 0 });
    await submit('a1', 'b1', 'a2');
    await submit('b1', 'a1', 'a2', 'b2');
    expect(await drain()).toEqual(['a-first', 'b1', 'a1', 'b2', 'a2']);
    expect(await queue.depth()).toEqual(new Map());
  });

  it('are still to be given to a job that was only added: it counts as unknown', async () => {
    const { queue, submit, drain } = await openAt({ served: 0 });
    await submit('a1', 'a2', 'b1');
    const ids = ['a-first', 'a1', 'a2', 'b1'];
    const unknown = () => queue.unknown(ids.map((jobId) => ({ jobId, queue: 'device.a' })));
    expect(await unknown()).toEqual([]);
    // As if the link had gone in between of the two.
    const redis = new Redis(server.url);
    await redis.hdel(`lutra-${databases - 1}:device.a:b1`, 'lutraTurn');
    redis.disconnect();
    expect(await unknown()).toEqual(['b1']);
    await submit('b1');
    expect(await unknown()).toEqual([]);
    expect(await drain()).toContain('b1');
  });

  it('end for who has more than that waiting: the rest runs in order, others are served before, nothing is lost', async () => {
    const { submit, drain } = await openAt({ served: 0, 'of:ada': 9_990 });
    const many = Array.from({ length: 20 }, (_, i) => `a${i}`);
    await submit(...many, 'b1', 'b2', 'b3');
    expect(await drain()).toEqual(['a-first', 'b1', 'b2', 'b3', ...many]);
  });
});
