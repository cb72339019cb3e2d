import type { ProbeTerm } from '../../../runtimes/tensor-runtime.js';

/** The same graph, opened apart: a comparison of a network with itself needs two. */
export function copiedTerm(term: ProbeTerm, copy: 'a' | 'b'): ProbeTerm {
  return { ...term, graphId: `${copy}:${term.graphId}` };
}
