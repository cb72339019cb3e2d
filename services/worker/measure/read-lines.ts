export const LINE_BYTES = 64;

/** What was read goes somewhere, so that the compiler cannot leave the reading out. */
const sink = new Float64Array(1);

/**
 * Reads one value of every cache line, in order, which the memory bounds and not the arithmetic. Four sums, so that no
 * addition waits for the one before.
 * @param count of lines, a multiple of four
 */
export function readLines(lines: Float64Array, count: number): void {
  const step = LINE_BYTES / Float64Array.BYTES_PER_ELEMENT;
  let [a, b, c, d] = [0, 0, 0, 0];
  const end = count * step;
  for (let i = 0; i < end; i += 4 * step) {
    a += lines[i]!;
    b += lines[i + step]!;
    c += lines[i + 2 * step]!;
    d += lines[i + 3 * step]!;
  }
  sink[0]! += a + b + c + d;
}

/** Runs the reading until the engine has compiled it. */
export function warmUpReading(lines: Float64Array): void {
  for (let warmUp = 0; warmUp < 50; warmUp++) readLines(lines, 2 ** 11);
}
