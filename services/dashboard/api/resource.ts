import { type ReadonlySignal, type Signal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ChangeEvent } from '../../../contracts/http/change-event.js';
import { ApiProblem, getJson } from './client.js';
import { onChange } from './live.js';
import { Reader } from './reader.js';

export interface Resource<T> {
  /** The latest answer; stays while a newer one is on its way, so that nothing jumps. */
  readonly data: T | null;
  readonly error: Error | null;
}

/** Whether a change makes an answer old. @param data the answer; null before the first one */
export type Concerns<T> = (change: ChangeEvent, data: T | null) => boolean;

/** What else makes an answer old. */
export interface Aging<T> {
  /** Changes that come in streams: the answer follows them a little later. */
  readonly slowly?: Concerns<T>;
  /** For what changes without a word: reads anew this often while the page is seen. */
  readonly everyMs?: number;
}

/** Changes come in bursts; reading anew more often than this would show nothing more. */
const LEAST_GAP_MS = 300;
const SLOW_GAP_MS = 2_000;

/**
 * What the api answers at a path, read anew whenever a change concerns it.
 * @param path null: nothing to read yet
 */
export function useResource<T>(
  path: string | null,
  concerns: Concerns<T> = () => false,
  aging: Aging<T> = {},
): ReadonlySignal<Resource<T>> {
  const state = useSignal<Resource<T>>({ data: null, error: null });
  useEffect(() => {
    state.value = { data: null, error: null };
    return path === null ? undefined : follow(path, state, concerns, aging);
  }, [path]);
  return state;
}

function follow<T>(
  path: string,
  state: Signal<Resource<T>>,
  concerns: Concerns<T>,
  { slowly = () => false, everyMs }: Aging<T>,
): () => void {
  const unmounted = new AbortController();
  const reader = new Reader(() => readInto(state, path, unmounted.signal), everyMs);
  const stop = onChange((change) => {
    const { data } = state.value;
    if (change === null || concerns(change, data)) reader.again(LEAST_GAP_MS);
    else if (slowly(change, data)) reader.again(SLOW_GAP_MS);
  });
  return () => {
    stop();
    reader.stop();
    unmounted.abort();
  };
}

async function readInto<T>(
  state: Signal<Resource<T>>,
  path: string,
  unmounted: AbortSignal,
): Promise<'done' | 'failed'> {
  try {
    state.value = { data: await getJson<T>(path, unmounted), error: null };
    return 'done';
  } catch (error) {
    if (!unmounted.aborted) state.value = { data: state.value.data, error: error as Error };
    return mayPass(error) ? 'failed' : 'done';
  }
}

/** Of what is no refusal by the api, e.g. an answer that broke off, everything may pass. */
function mayPass(error: unknown): boolean {
  return !(error instanceof ApiProblem) || error.problem.retryable;
}
