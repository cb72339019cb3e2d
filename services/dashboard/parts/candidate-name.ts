import type { Candidate } from '../../../contracts/candidate.js';

/** What a person calls a candidate. */
export function candidateName(candidate: Candidate): string {
  if (!('zoo' in candidate)) {
    const { name } = (candidate.network ?? {}) as { readonly name?: unknown };
    return typeof name === 'string' ? name : 'a network document';
  }
  const options = Object.entries((candidate.options ?? {}) as Readonly<Record<string, unknown>>);
  const shown = options.map(([name, value]) =>
    name === 'width' ? `×${value}` : name === 'resolution' ? `${value} px` : null,
  );
  return [candidate.zoo, ...shown.filter((part) => part !== null)].join(' ');
}
