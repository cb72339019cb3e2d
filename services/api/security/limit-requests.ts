import rateLimit from '@fastify/rate-limit';
import type { FastifyRequest } from 'fastify';
import { LutraError } from '../../../core/errors.js';
import type { Api } from '../api.js';
import { LOCAL_PRINCIPAL } from './principal.js';

export interface RequestLimits {
  /** Of one token; without one, of one address. Callers of this machine that need no token are not limited. */
  readonly requestsPerMinute: number;
  /** Requests without a valid token, of one address. */
  readonly refusalsPerMinute: number;
}

/** Far above what a search with many parallel estimates asks for, far below what holds up everybody else. */
export const DEFAULT_LIMITS: RequestLimits = { requestsPerMinute: 30_000, refusalsPerMinute: 60 };

const WINDOW_MS = 60_000;

/** Route config where secrets are tried, whoever asks: ten times a minute from one address. */
export const SECRET_LIMIT = {
  max: 10,
  timeWindow: WINDOW_MS,
  keyGenerator: (request: FastifyRequest) => request.ip,
  allowList: () => false,
};

/**
 * Limits the requests of every route that is added after it.
 * @returns counts a request that was refused for want of a token, and throws `rate-limited` past the limit
 */
export async function limitRequests(
  api: Api,
  { requestsPerMinute, refusalsPerMinute }: RequestLimits,
): Promise<(request: FastifyRequest) => Promise<void>> {
  await api.register(rateLimit, {
    max: requestsPerMinute,
    timeWindow: WINDOW_MS,
    keyGenerator: ({ principal, ip }) => principal?.tokenId ?? ip,
    allowList: ({ principal }) => principal === LOCAL_PRINCIPAL,
    errorResponseBuilder: (_request, { max, after }) => tooMany(max, after),
  });
  const refusals = api.createRateLimit({
    max: refusalsPerMinute,
    timeWindow: WINDOW_MS,
    keyGenerator: ({ ip }) => ip,
    allowList: () => false,
  });
  return async (request) => {
    const count = await refusals(request);
    if (!count.isAllowed && count.isExceeded) throw tooMany(count.max, `${count.ttlInSeconds} seconds`);
  };
}

function tooMany(max: number, after: string): LutraError & Error {
  return new LutraError('rate-limited', `more than ${max} requests a minute; try again in ${after}`, {
    details: { requestsPerMinute: max },
  });
}
