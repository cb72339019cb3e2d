import { certificateAdvice } from '../../contracts/http/certificate-advice.js';
import type { Problem } from '../../contracts/http/problem.js';
import { ERRORS, type ErrorCode, LutraError } from '../../core/errors.js';

interface Call {
  readonly body?: unknown;
  /** Sent as they are, in place of `body`. */
  readonly bytes?: Uint8Array;
  /** Default: the connection's; for bodies of several pieces and for bytes that come, a minute. */
  readonly silenceMs?: number;
  readonly signal?: AbortSignal;
}

/** Larger bodies are sent in pieces of this size, whose going shows that the link works. */
const PIECE_BYTES = 2 ** 16;

/**
 * Results and weights may be megabytes on a slow link, where all that counts is that they move. What has left this
 * process may still lie in buffers: some megabytes, whose going nobody sees.
 */
const TRANSFER_SILENCE_MS = 60_000;

/** A worker's link to the api: every call moves on within a time limit, every refusal is the error that the api meant. */
export class ApiConnection {
  private readonly url: string;

  constructor(
    url: string,
    private readonly token: string | undefined,
    /** A call is given up when nothing of it came or went for so long: its link may be cut without a word. */
    readonly silenceMs: number,
  ) {
    this.url = url.replace(/\/+$/, '');
  }

  /** @returns null for an answer without content. @throws LutraError as the api says, `api-unreachable` without answer */
  async json<T>(method: string, path: string, call: Call = {}): Promise<T> {
    const bytes = await this.send(method, path, call);
    return (bytes.length === 0 ? null : JSON.parse(Buffer.from(bytes).toString('utf8'))) as T;
  }

  async bytes(path: string): Promise<Uint8Array> {
    return this.send('GET', path, { silenceMs: TRANSFER_SILENCE_MS });
  }

  private async send(method: string, path: string, call: Call): Promise<Uint8Array> {
    const { body, bytes, signal } = call;
    const content = bytes === undefined ? 'application/json' : 'application/octet-stream';
    const sent = bytes ?? (body === undefined ? undefined : Buffer.from(JSON.stringify(body)));
    const isLarge = sent !== undefined && sent.length > PIECE_BYTES;
    const silence = new Silence(call.silenceMs ?? (isLarge ? TRANSFER_SILENCE_MS : this.silenceMs));
    try {
      const response = await fetch(`${this.url}${path}`, {
        method,
        signal: signal === undefined ? silence.signal : AbortSignal.any([silence.signal, signal]),
        headers: {
          ...(sent === undefined ? {} : { 'content-type': content }),
          ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
        },
        ...(sent === undefined ? {} : bodyOf(sent, silence)),
      });
      const answer = await read(response, silence);
      if (response.ok) return answer;
      throw errorOf(response.status, Buffer.from(answer).toString('utf8'));
    } catch (cause) {
      if (cause instanceof LutraError) throw cause;
      signal?.throwIfAborted();
      throw new LutraError('api-unreachable', `${this.url} does not answer: ${describe(cause)}`, { cause });
    } finally {
      silence.end();
    }
  }
}

/** Ends a call on whose link nothing moved for so long. */
class Silence {
  private readonly call = new AbortController();
  private readonly timer: NodeJS.Timeout;

  constructor(limitMs: number) {
    const silent = () => this.call.abort(new Error(`nothing came or went for ${limitMs} ms`));
    this.timer = setTimeout(silent, limitMs);
  }

  get signal(): AbortSignal {
    return this.call.signal;
  }

  /** Something moved. */
  broken(): void {
    this.timer.refresh();
  }

  end(): void {
    clearTimeout(this.timer);
  }
}

function bodyOf(bytes: Uint8Array, silence: Silence): RequestInit {
  if (bytes.length <= PIECE_BYTES) return { body: bytes };
  return { body: ReadableStream.from(piecesOf(bytes, silence)), duplex: 'half' };
}

function* piecesOf(bytes: Uint8Array, silence: Silence): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    silence.broken();
    yield bytes.subarray(at, at + PIECE_BYTES);
  }
}

async function read(response: Response, silence: Silence): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for await (const piece of response.body ?? []) {
    silence.broken();
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
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
  const { code } = cause ?? {};
  const advice = code === undefined ? undefined : certificateAdvice(code);
  if (advice !== undefined) return `${advice} (${code})`;
  return code ?? cause?.message ?? (error instanceof Error ? error.message : String(error));
}
