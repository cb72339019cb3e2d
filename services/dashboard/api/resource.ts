import { type ReadonlySignal, useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { ChangeEvent } from '../../../contracts/http/change-event.js';
import { getJson } from './client.js';
import { onChange } from './live.js';

export interface Resource<T> {
  /** The latest answer; stays while a newer one is on its way, so that nothing jumps. */
  readonly data: T | null;
  readonly error: Error | null;
}

/** Changes come in bursts; reading anew more often than this would show nothing more. */
const LEAST_GAP_MS = 300;

/**
 * What the api answers at a path, read anew whenever a change concerns it.
 * @param path null: nothing to read yet
 * @param concerns whether a change makes the answer old
 */
export function useResource<T>(
  path: string | null,
  concerns: (change: ChangeEvent) => boolean = () => false,
): ReadonlySignal<Resource<T>> {
  const state = useSignal<Resource<T>>({ data: null, error: null });
  useEffect(() => {
    state.value = { data: null, error: null };
    if (path === null) return;
    const unmounted = new AbortController();
    let lastReadMs = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let reading = false;
    let again = false;
    const read = async () => {
      timer = undefined;
      if (reading) {
        again = true;
        return;
      }
      reading = true;
      lastReadMs = performance.now();
      try {
        state.value = { data: await getJson<T>(path, unmounted.signal), error: null };
      } catch (error) {
        if (unmounted.signal.aborted) return;
        state.value = { data: state.value.data, error: error as Error };
      } finally {
        reading = false;
      }
      if (again) {
        again = false;
        schedule();
      }
    };
    const schedule = () => {
      timer ??= setTimeout(read, Math.max(0, lastReadMs + LEAST_GAP_MS - performance.now()));
    };
    void read();
    const stop = onChange((change) => {
      if (change === null || concerns(change)) schedule();
    });
    return () => {
      stop();
      clearTimeout(timer);
      unmounted.abort();
    };
  }, [path]);
  return state;
}
