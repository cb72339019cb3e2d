import { signal } from '@preact/signals';
import type { Problem } from '../../../contracts/http/problem.js';

/** Whether the api wants to know who we are before it answers anything. */
export const signInNeeded = signal(false);

/** What the api refused, and why. */
export class ApiProblem extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail);
  }
}

/** @throws ApiProblem, or a TypeError when the api cannot be reached */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return answerOf<T>(
    await fetch(path, { headers: { accept: 'application/json' }, ...(signal && { signal }) }),
  );
}

/** @throws ApiProblem, or a TypeError when the api cannot be reached */
export async function sendJson<T>(
  method: 'POST' | 'DELETE',
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  const init: RequestInit = { method, headers: { accept: 'application/json' } };
  if (body !== undefined) {
    init.headers = { ...init.headers, 'content-type': 'application/json' };
    init.body = JSON.stringify(body);
  }
  if (signal !== undefined) init.signal = signal;
  return answerOf<T>(await fetch(path, init));
}

async function answerOf<T>(response: Response): Promise<T> {
  if (response.ok) return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
  if (response.status === 401) signInNeeded.value = true;
  const isProblem = response.headers.get('content-type')?.includes('json') ?? false;
  const problem = isProblem ? ((await response.json()) as Problem) : plainProblem(response);
  throw new ApiProblem(problem);
}

function plainProblem({ status, statusText }: Response): Problem {
  const title = statusText || `HTTP ${status}`;
  return { type: 'about:blank', title, status, code: 'internal', detail: title, retryable: status >= 500 };
}
