import type { Candidate } from '../../contracts/candidate.js';
import type { Network } from '../../core/network/network.js';
import { parseNetwork } from '../../core/network/parse-network.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';

/**
 * The network that a candidate stands for.
 * @param pointer where the candidate stands in the body, e.g. `/candidates/3`
 * @throws LutraError `unknown-zoo-network`, `invalid-zoo-option`, `invalid-network`, each pointing at the field
 */
export function parseCandidate(candidate: Candidate, pointer: string): Network {
  if ('zoo' in candidate) return buildZooNetwork(candidate.zoo, candidate.options, pointer);
  return parseNetwork(candidate.network, `${pointer}/network`);
}
