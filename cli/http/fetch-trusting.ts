import { request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import { rootCertificates } from 'node:tls';

/** What of fetch a client needs: Node's own can be told to trust a certificate before the process starts only. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/** Statuses whose answers have no body. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

/**
 * Speaks to servers whose certificate, or whose certificate's issuer, is the given one; what is trusted anyway stays so.
 * @param ca PEM
 */
export function fetchTrusting(ca: string): Fetch {
  const trusted = [...rootCertificates, ca];
  return (url, { method = 'GET', headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const request = httpsRequest(url, {
        method,
        headers: Object.fromEntries(new Headers(headers)),
        ca: trusted,
        ...(signal == null ? {} : { signal }),
      });
      request.on('response', (answer) => {
        const { statusCode: status = 500, statusMessage: statusText = '' } = answer;
        const content = BODILESS.has(status) ? null : (Readable.toWeb(answer) as ReadableStream);
        resolve(
          new Response(content, { status, statusText, headers: answer.headers as Record<string, string> }),
        );
      });
      request.on('error', reject);
      request.end(body);
    });
}
