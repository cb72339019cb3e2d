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
        // Runs in a row would find what the one before left in the caches: each is timed alone, and they are averaged.
        async sample(count, runsPerSample = 1) {
          const durationsNs = new Float64Array(count);
          for (let i = 0; i < count * runsPerSample; i++) {
            evict();
            durationsNs[Math.floor(i / runsPerSample)]! += (await executable.sample(1))[0]! / runsPerSample;
          }
          return durationsNs;
        },
        close: () => executable.close(),
      };
    },
  };
}
