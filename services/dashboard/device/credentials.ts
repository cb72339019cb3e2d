import type { WebRuntimeId } from './worker-message.js';

/** What makes this browser the device it is; outlives reloads. */
export interface Credentials {
  readonly device: string;
  /** Of scope device, bound to the name. */
  readonly token: string;
  readonly runtime: WebRuntimeId;
}

const KEY = 'lutra-device';

export function readCredentials(): Credentials | null {
  const text = localStorage.getItem(KEY);
  return text === null ? null : (JSON.parse(text) as Credentials);
}

export function storeCredentials(credentials: Credentials | null): void {
  if (credentials === null) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, JSON.stringify(credentials));
}
