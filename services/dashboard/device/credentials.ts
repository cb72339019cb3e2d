import type { WebRuntimeChoice } from './worker-message.js';

/** What makes this browser the device it is; outlives reloads. */
export interface Credentials extends WebRuntimeChoice {
  readonly device: string;
  /** Of scope device, bound to the name. */
  readonly token: string;
}

const KEY = 'lutra-device';

export function readCredentials(): Credentials | null {
  const text = localStorage.getItem(KEY);
  if (text === null) return null;
  const kept = JSON.parse(text) as Omit<Credentials, 'threads'> & { readonly threads?: number };
  // Kept by an earlier version, they know of one thread only.
  return { ...kept, threads: kept.threads ?? 1 };
}

export function storeCredentials(credentials: Credentials | null): void {
  if (credentials === null) localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, JSON.stringify(credentials));
}
