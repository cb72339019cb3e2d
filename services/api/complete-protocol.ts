import type { ProtocolOverrides } from '../../contracts/http/measure.js';
import type { Protocol } from '../../contracts/measurement.js';
import { LutraError } from '../../core/errors.js';

/**
 * A protocol with what a request changes of it.
 * @throws LutraError `invalid-request`
 */
export function completeProtocol(base: Protocol, overrides: ProtocolOverrides = {}): Protocol {
  const protocol = { ...base, ...overrides };
  if (protocol.minVisits > protocol.maxVisits) {
    throw new LutraError(
      'invalid-request',
      `expected minVisits of at most maxVisits, got ${protocol.minVisits} and ${protocol.maxVisits}`,
      { pointer: '/protocol/minVisits' },
    );
  }
  const { spreadMs = 0, budgetMs = Number.POSITIVE_INFINITY } = protocol;
  if (spreadMs > budgetMs) {
    throw new LutraError(
      'invalid-request',
      `expected spreadMs of at most budgetMs, when visits end, got ${spreadMs} and ${budgetMs}`,
      { pointer: '/protocol/spreadMs' },
    );
  }
  return protocol;
}
