/** One figure, printed as one JSON line. */
export interface BenchLine {
  readonly bench: string;
  readonly metric: string;
  readonly value: number;
  /** `ms`, `µs`, `%`, `ratio`, `MB`, `count`. */
  readonly unit: string;
  /** The figure that the project holds itself to; absent where a line is for information. */
  readonly goal?: { readonly atMost: number } | { readonly atLeast: number };
  readonly pass?: boolean;
  /** Spread, counts, conditions. */
  readonly detail?: Readonly<Record<string, unknown>>;
}

export type Bench = () => AsyncIterable<BenchLine>;

/** Completes a line with its verdict. */
export function judged(line: Omit<BenchLine, 'pass'>): BenchLine {
  const { goal, value } = line;
  if (goal === undefined) return line;
  return { ...line, pass: 'atMost' in goal ? value <= goal.atMost : value >= goal.atLeast };
}
