import { readDatabaseName } from '../db/database-name.js';
import type { Database } from '../db/open-database.js';
import { BullmqJobQueue } from './bullmq/bullmq-queue.js';
import { connectRedis } from './bullmq/redis-connection.js';
import { RedisMemory } from './bullmq/redis-memory.js';
import type { JobQueue } from './job-queue.js';
import type { QueueMemory } from './queue-memory.js';
import { SqliteJobQueue } from './sqlite/sqlite-queue.js';

export interface OpenQueue {
  readonly queue: JobQueue;
  /** Null for the queue inside the database, which forgets nothing. */
  readonly memory: QueueMemory | null;
  close(): Promise<void>;
}

/**
 * The queue of a database: inside it, or in Redis. Nothing else differs between the two modes.
 * @param redisUrl as `REDIS_URL` gives it; absent or empty: the embedded queue
 * @param onTrouble told when Redis cannot be reached; the connection comes back by itself
 */
export function openQueue(
  db: Database,
  redisUrl: string | undefined,
  onTrouble: (error: Error) => void,
): OpenQueue {
  if (redisUrl === undefined || redisUrl === '') {
    return { queue: new SqliteJobQueue(db), memory: null, close: async () => undefined };
  }
  const name = readDatabaseName(db);
  const prefix = `lutra-${name}`;
  const redis = connectRedis(redisUrl, onTrouble);
  const queue = new BullmqJobQueue(redis, prefix);
  return {
    queue,
    memory: new RedisMemory(redis, prefix, name),
    close: async () => {
      await queue.close().catch(() => undefined);
      redis.disconnect();
    },
  };
}
