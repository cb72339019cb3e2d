import { Redis } from 'ioredis';

/** A command that is not answered by then has failed: the link may be cut without a word. */
const COMMAND_TIMEOUT_MS = 4_000;
const CONNECT_TIMEOUT_MS = 2_000;
const LONGEST_RETRY_MS = 1_000;

/**
 * A connection that comes back by itself. Commands fail soon while Redis is away: callers have rows to fall back on,
 * and must not hang.
 * @param onTrouble told of every lost connection and failed try
 */
export function connectRedis(url: string, onTrouble: (error: Error) => void): Redis {
  const redis = new Redis(url, {
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: CONNECT_TIMEOUT_MS,
    maxRetriesPerRequest: 1,
    retryStrategy: (tries) => Math.min(LONGEST_RETRY_MS, 50 * 2 ** Math.min(tries, 5)),
    // A half-open link is noticed by the next command's timeout, and replaced.
    keepAlive: 5_000,
  });
  redis.on('error', onTrouble);
  return redis;
}
