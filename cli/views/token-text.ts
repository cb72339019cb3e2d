import type { TokenView } from '../../contracts/maintenance.js';
import { compactTime } from '../text/compact-time.js';
import { terminalTable } from '../text/terminal-table.js';

export function tokenTable(tokens: readonly TokenView[], nowMs: number): string {
  if (tokens.length === 0) return 'No tokens: this machine may do everything, others nothing.';
  return terminalTable(
    [
      { title: 'id' },
      { title: 'name' },
      { title: 'scope' },
      { title: 'device' },
      { title: 'state' },
      { title: 'created' },
    ],
    tokens.map((token) => [
      token.id,
      token.name,
      token.scope,
      token.device ?? (token.scope === 'device' ? 'any' : '–'),
      state(token, nowMs),
      compactTime(token.createdAtMs),
    ]),
  );
}

function state({ expiresAtMs, revokedAtMs }: TokenView, nowMs: number): string {
  if (revokedAtMs !== null) return `revoked ${compactTime(revokedAtMs)}`;
  if (expiresAtMs === null) return 'valid';
  return `${expiresAtMs <= nowMs ? 'expired' : 'valid until'} ${compactTime(expiresAtMs)}`;
}
