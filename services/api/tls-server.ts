import type { RequestListener, Server } from 'node:http';
import { createServer } from 'node:https';
import type { Certificate } from './self-signed.js';

/** Makes servers that speak TLS. Fastify treats one as it treats any server, whose type it wants to see. */
export function tlsServer({ key, cert }: Certificate): (handler: RequestListener) => Server {
  return (handler) => createServer({ key, cert }, handler) as unknown as Server;
}
