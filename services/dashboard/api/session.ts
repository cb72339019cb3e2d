import { signal } from '@preact/signals';
import type { SessionView } from '../../../contracts/http/session.js';
import { getJson, sendJson, signInNeeded } from './client.js';

/** Who the service takes this browser for; null until it said so. */
export const session = signal<SessionView | null>(null);

/** Why someone who had signed in is asked again; null for whoever was not. */
export const endedBecause = signal<string | null>(null);

/**
 * Asks who we are. A session that may not look at anything is ended: it would refuse every page for twelve hours.
 * @throws ApiProblem, or a TypeError when the api cannot be reached
 */
export async function readSession(): Promise<void> {
  let view = await getJson<SessionView>('/session');
  if (view.authenticated && !mayRead(view)) {
    endedBecause.value = lacksRead(view);
    view = await endSession();
  }
  session.value = view;
  signInNeeded.value = !mayRead(view);
}

/** @throws ApiProblem for an unknown token, an Error for one that may not look at anything */
export async function signIn(token: string): Promise<void> {
  const view = await sendJson<SessionView>('POST', '/session', { token });
  if (!mayRead(view)) {
    await endSession();
    throw new Error(lacksRead(view));
  }
  endedBecause.value = null;
  session.value = view;
  signInNeeded.value = false;
}

/** Ends the session, here and at the service. */
export async function signOut(): Promise<void> {
  session.value = await endSession();
  signInNeeded.value = !mayRead(session.value);
}

/** @returns who we are without it: on the machine of the service someone may look without a token */
async function endSession(): Promise<SessionView> {
  await sendJson('DELETE', '/session');
  return getJson<SessionView>('/session');
}

function mayRead({ scopes }: SessionView): boolean {
  return scopes.includes('read');
}

function lacksRead({ name, scopes }: SessionView): string {
  return `The token ‘${name}’ has the scope ${scopes.join(', ')}: it may not look at anything here. Use one with the scope read.`;
}
