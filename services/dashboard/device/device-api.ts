import type { Problem } from '../../../contracts/http/problem.js';
import { ApiProblem } from '../api/client.js';

/** The api as a device sees it: with its token, and nothing else of the browser's. */
export class DeviceApi {
  constructor(private readonly token: string) {}

  /** @returns null for 204. @throws ApiProblem; a TypeError where the api cannot be reached */
  async send<T>(
    method: 'POST' | 'PUT' | 'DELETE',
    path: string,
    options: { readonly body?: unknown; readonly signal?: AbortSignal; readonly keepalive?: boolean } = {},
  ): Promise<T | null> {
    const { body, signal, keepalive } = options;
    const response = await fetch(path, {
      method,
      credentials: 'omit',
      headers: {
        authorization: `Bearer ${this.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
      ...(keepalive === undefined ? {} : { keepalive }),
    });
    if (response.status === 204) return null;
    if (!response.ok) throw new ApiProblem((await response.json()) as Problem);
    return (await response.json()) as T;
  }
}
