/** What a person calls a candidate: its zoo name, or the fact that it came as a document. */
export function candidateName(candidate: object): string {
  return 'zoo' in candidate && typeof candidate.zoo === 'string' ? candidate.zoo : 'the submitted network';
}

/** `width 0.75, resolution 96`, empty for a document or the zoo's defaults. */
export function candidateOptionWords(candidate: object): string {
  if (!('options' in candidate) || typeof candidate.options !== 'object' || candidate.options === null)
    return '';
  return Object.entries(candidate.options)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');
}
