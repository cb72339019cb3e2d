import { readFileSync } from 'node:fs';
import { certificateAdvice } from '../../contracts/http/certificate-advice.js';
import type { Problem } from '../../contracts/http/problem.js';
import { CliError } from '../cli-error.js';
import { EXIT } from '../exit-codes.js';
import type { Settings } from '../settings.js';
import { type Fetch, fetchTrusting } from './fetch-trusting.js';

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

interface RequestOptions {
  readonly query?: Query;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends this request earlier than the command. */
  readonly signal?: AbortSignal;
}

/** Speaks to a Lutra server; every failure comes out as a {@link CliError} with the exit code it deserves. */
export class ApiClient {
  private readonly fetch: Fetch;

  constructor(
    readonly settings: Settings,
    private readonly signal: AbortSignal,
  ) {
    const { url, caFile } = settings;
    const isTold = caFile !== undefined && url.startsWith('https:');
    this.fetch = isTold ? fetchTrusting(readFileSync(caFile, 'utf8')) : fetch;
  }

  async get<T>(path: string, query?: Query): Promise<T> {
    const response = await this.request('GET', path, query === undefined ? {} : { query });
    return (await response.json()) as T;
  }

  async post<T>(path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<T> {
    const response = await this.request('POST', path, {
      ...(body === undefined ? {} : { body }),
      ...(headers === undefined ? {} : { headers }),
    });
    return (await response.json()) as T;
  }

  async delete<T>(path: string): Promise<T> {
    const response = await this.request('DELETE', path);
    return (await response.json()) as T;
  }

  /** The answer itself, its body not read yet. */
  async request(method: string, path: string, options: RequestOptions = {}): Promise<Response> {
    const { body, headers, query } = options;
    const response = await this.send(this.address(path, query), {
      method,
      signal: options.signal ?? this.signal,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(this.settings.token === undefined ? {} : { authorization: `Bearer ${this.settings.token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw await refusal(response);
    return response;
  }

  private address(path: string, query: Query = {}): string {
    const parameters = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) parameters.set(name, String(value));
    }
    const search = parameters.size === 0 ? '' : `?${parameters}`;
    return `${this.settings.url}${path}${search}`;
  }

  private async send(url: string, init: RequestInit): Promise<Response> {
    try {
      return await this.fetch(url, init);
    } catch (error) {
      if (this.signal.aborted || init.signal?.aborted) throw error;
      const cause = causeOf(error);
      throw new CliError(`no Lutra server answers at ${this.settings.url} (${cause})`, {
        exitCode: EXIT.unreachable,
        hint: certificateAdvice(cause) ?? hintFor(cause),
        cause: error,
      });
    }
  }
}

/** A server that hangs up is there, and may have expected TLS. */
function hintFor(cause: string): string {
  return cause === 'UND_ERR_SOCKET' || cause === 'ECONNRESET'
    ? 'was it started with --https? then its address begins so: LUTRA_URL=https://host:port'
    : 'start one with: lutra serve   (or say where it is: LUTRA_URL=http://host:port)';
}

async function refusal(response: Response): Promise<CliError> {
  const text = await response.text();
  const problem = parseProblem(text);
  if (problem !== undefined) return new CliError(problem.detail, { exitCode: exitCodeOf(problem), problem });
  return new CliError(`the server answered ${response.status} ${response.statusText}`, {
    exitCode: EXIT.failed,
    hint: 'is that address a Lutra server?',
  });
}

function exitCodeOf(problem: Problem): CliError['exitCode'] {
  return problem.code === 'unreachable-budget' ? EXIT.budgetNotMet : EXIT.failed;
}

function parseProblem(text: string): Problem | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || !('code' in value) || !('detail' in value))
      return undefined;
    return value as Problem;
  } catch {
    return undefined;
  }
}

/** `fetch failed` says nothing; the cause below it does. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : undefined;
  if (typeof cause === 'object' && cause !== null && 'code' in cause) return String(cause.code);
  return cause instanceof Error ? cause.message : String(error instanceof Error ? error.message : error);
}
