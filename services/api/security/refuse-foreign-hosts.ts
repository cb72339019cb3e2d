import type { FastifyRequest } from 'fastify';
import { RefusedParameter } from '../refused-parameter.js';

const LOOPBACK_NAME = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/**
 * Refuses requests that name this machine by anything but a loopback name. Where no token is needed, a web page could
 * otherwise reach the api through a host name of its own that resolves to 127.0.0.1 (DNS rebinding).
 * @throws LutraError `invalid-request`
 */
export function refuseForeignHosts({ headers }: FastifyRequest): void {
  if (LOOPBACK_NAME.test(headers.host ?? '')) return;
  throw new RefusedParameter('header', 'header host: expected localhost, 127.0.0.1 or [::1]', '/host');
}
