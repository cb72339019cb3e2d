import type { Problem } from '../../contracts/http/problem.js';
import { ERRORS, type ErrorCode, LutraError } from '../../core/errors.js';

interface Call {
  readonly body?: unknown;
  /** Sent as they are, in place of `body`. */
  readonly bytes?: Uint8Array;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A worker's link to the api: every answer within a time limit, every refusal as the error that the api meant. */
export class ApiConnection {
  private readonly url: string;

  constructor(
    url: string,
    private readonly token: string | undefined,
    /** Of one call; a link that is cut without a word is given up then. */
    readonly timeoutMs: number,
  ) {
    this.url = url.replace(/\/+$/, '');
  }

  /** @returns null for an answer without content. @throws LutraError as the api says, `api-unreachable` without answer */
  async json<T>(method: string, path: string, call: Call = {}): Promise<T> {
    const bytes = await this.send(method, path, call);
    return (bytes.length === 0 ? null : JSON.parse(Buffer.from(bytes).toString('utf8'))) as T;
  }

  async bytes(path: string): Promise<Uint8Array> {
    return this.send('GET', path, {});
  }

  private async send(method: string, path: string, call: Call): Promise<Uint8Array> {
    const { body, bytes, timeoutMs = this.timeoutMs, signal } = call;
    const limit = AbortSignal.timeout(timeoutMs);
    const content = bytes === undefined ? 'application/json' : 'application/octet-stream';
    const sent = bytes ?? (body === undefined ? undefined : JSON.stringify(body));
    try {
      const response = await fetch(`${this.url}${path}`, {
        method,
        signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
        headers: {
          ...(sent === undefined ? {} : { 'content-type': content }),
          ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
        },
        ...(sent === undefined ? {} : { body: sent }),
      });
      const answer = new Uint8Array(await response.arrayBuffer());
      if (response.ok) return answer;
      throw errorOf(response.status, Buffer.from(answer).toString('utf8'));
    } catch (cause) {
      if (cause instanceof LutraError) throw cause;
      signal?.throwIfAborted();
      throw new LutraError('api-unreachable', `${this.url} does not answer: ${describe(cause)}`, { cause });
    }
  }
}

function errorOf(status: number, text: string): LutraError {
  try {
    const { code, detail, pointer } = JSON.parse(text) as Problem;
    if (code in ERRORS) {
      return new LutraError(code as ErrorCode, detail, pointer === undefined ? {} : { pointer });
    }
  } catch {
    // Not Lutra's: a proxy's, perhaps.
  }
  return new LutraError('api-unreachable', `answered ${status}, and not as a Lutra api would`);
}

/** `fetch failed` says nothing; the cause below it does. */
function describe(error: unknown): string {
  const { cause } = error as { readonly cause?: { readonly code?: string; readonly message?: string } };
  return cause?.code ?? cause?.message ?? (error instanceof Error ? error.message : String(error));
}
