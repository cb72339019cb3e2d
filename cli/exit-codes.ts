/** How the command ended, for scripts. Every `--help` lists them. */
export const EXIT = {
  ok: 0,
  /** The job or run ended with another outcome than `ok`, or the server refused the request. */
  failed: 1,
  usage: 2,
  unreachable: 3,
  /** The run ended, but its budget was not met or cannot be. */
  budgetNotMet: 4,
  /** `compare`: B takes longer than A. */
  slower: 5,
  /** `compare`: the interval reaches over the noise floor; measure again or on a quieter machine. */
  ambiguous: 6,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

export const EXIT_CODE_HELP = `
Exit codes:
  0    done, outcome ok
  1    the job or run failed or was cancelled, or the server refused the request
  2    the command line is wrong
  3    no Lutra server answers at that address
  4    the budget was not met, or no width of the network can meet it
  5    lutra compare: the second network takes longer than the first
  6    lutra compare: it cannot be told
  130  interrupted; what runs on the server goes on`;
