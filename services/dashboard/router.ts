import { signal } from '@preact/signals';

/** Where the reader is: the part of the address after `#`. The api owns all paths, so that the page's are fragments. */
export interface Route {
  /** `/jobs/job_1` → `['jobs', 'job_1']` */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

export const route = signal<Route>(readRoute(location.hash));

addEventListener('hashchange', () => {
  const next = readRoute(location.hash);
  const moved = next.path.join('/') !== route.value.path.join('/');
  route.value = next;
  if (moved) scrollTo(0, 0);
});

export function readRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  return { path: path.split('/').filter(Boolean).map(decodeURIComponent), query: new URLSearchParams(query) };
}

/** The link to a page of ours. */
export function href(path: readonly string[], query: Readonly<Record<string, string>> = {}): string {
  const search = new URLSearchParams(query).toString();
  return `#/${path.map(encodeURIComponent).join('/')}${search === '' ? '' : `?${search}`}`;
}

/** Notes a choice in the address, so that reloading or sharing it brings it back; no new entry of the history. */
export function setQuery(changes: Readonly<Record<string, string | null>>): void {
  const { path, query } = route.value;
  const next = new URLSearchParams(query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') next.delete(name);
    else next.set(name, value);
  }
  history.replaceState(null, '', href(path, Object.fromEntries(next)));
  route.value = { path, query: next };
}
