/**
 * Environment of a process that trains. One thread, whatever the engine: a trainer has one core. And large pages from
 * glibc's allocator where it has them: a step walks through tens of megabytes, and its time falls by a tenth when the
 * processor need not look up where every 4 KB of them lie.
 */
export function trainerEnvironment(inherited: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    ...inherited,
    GLIBC_TUNABLES: inherited.GLIBC_TUNABLES ?? 'glibc.malloc.hugetlb=1',
    TF_NUM_INTRAOP_THREADS: '1',
    TF_NUM_INTEROP_THREADS: '1',
    TF_CPP_MIN_LOG_LEVEL: '2',
  };
}
