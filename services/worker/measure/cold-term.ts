import type { ProbeTerm } from '../../../runtimes/tensor-runtime.js';

/**
 * The same graph as it runs after other work: the caches are emptied before every timed run, outside the timed region.
 * @param evict empties the caches
 */
export function coldTerm(term: ProbeTerm, evict: () => void): ProbeTerm {
  return {
    ...term,
    graphId: `cold:${term.graphId}`,
    open: async () => {
      const executable = await term.open();
      return {
        async sample(count) {
          const durationsNs = new Float64Array(count);
          for (let i = 0; i < count; i++) {
            evict();
            durationsNs.set(await executable.sample(1), i);
          }
          return durationsNs;
        },
        close: () => executable.close(),
      };
    },
  };
}
