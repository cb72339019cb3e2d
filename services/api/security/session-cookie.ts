import type { FastifyRequest } from 'fastify';

const NAME = 'lutra_session';
const COOKIE = new RegExp(`(?:^|;\\s*)${NAME}=([^;\\s]+)`);

/** The session that a browser sends, if any; not checked yet. */
export function sessionCookie({ headers }: FastifyRequest): string | undefined {
  return COOKIE.exec(headers.cookie ?? '')?.[1];
}

/**
 * Set-Cookie of a session: out of reach of scripts, and never sent along from another site.
 * @param text its token; `''` ends it
 * @param secure whether the page came over TLS
 */
export function setSessionCookie(text: string, lifetimeMs: number, secure: boolean): string {
  const seconds = Math.max(0, Math.floor(lifetimeMs / 1000));
  return `${NAME}=${text}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`;
}
