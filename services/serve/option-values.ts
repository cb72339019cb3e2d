import { usageError } from './usage-error.js';

/**
 * A whole number.
 * @throws LutraError `invalid-request`
 */
export function countOption(
  flag: string,
  text: string,
  { least = 0, most }: { readonly least?: number; readonly most: number },
): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= least && count <= most) return count;
  throw usageError(`${flag}: expected a number from ${least} to ${most}, got '${text}'`);
}

/**
 * One of several words.
 * @throws LutraError `invalid-request`
 */
export function wordOption<W extends string>(flag: string, text: string, words: readonly W[]): W {
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  throw usageError(`${flag}: expected ${words.join(', ')}, got '${text}'`);
}

/**
 * A JSON object; undefined where none was given.
 * @throws LutraError `invalid-request`
 */
function objectOption(flag: string, text: string | undefined): Record<string, unknown> | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
  } catch {
    // Falls through to the refusal.
  }
  throw usageError(`${flag}: expected a JSON object, got '${text}'`);
}

/**
 * How a device computes.
 * @throws LutraError `invalid-request`
 */
export function computingOptions(values: {
  readonly threads: string;
  readonly dtype: string;
  readonly 'runtime-options'?: string | undefined;
}) {
  const runtimeOptions = objectOption('--runtime-options', values['runtime-options']);
  return {
    threads: countOption('--threads', values.threads, { least: 1, most: 256 }),
    dtype: wordOption('--dtype', values.dtype, ['float32', 'int8']),
    ...(runtimeOptions === undefined ? {} : { runtimeOptions }),
  };
}
