import { IMPLIED_SCOPES, type Scope } from '../../../contracts/scope.js';
import type { TokenRow } from '../../../db/repositories/tokens.js';

/** Who sends a request. */
export interface Principal {
  /** What jobs and runs say as `submittedBy`. */
  readonly name: string;
  readonly scopes: readonly Scope[];
  /** The one device that it may act for; null: any. */
  readonly device: string | null;
  /** Null for this machine while no token was made. */
  readonly tokenId: string | null;
}

/** A caller on this machine while no token was made. */
export const LOCAL_PRINCIPAL: Principal = {
  name: 'local',
  scopes: IMPLIED_SCOPES.admin,
  device: null,
  tokenId: null,
};

export function principalOf({ id, name, scope, device }: TokenRow): Principal {
  return { name, scopes: IMPLIED_SCOPES[scope], device, tokenId: id };
}
