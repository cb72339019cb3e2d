import { InvalidArgumentError } from 'commander';

/** For commander: any finite number. */
export function numberValue(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value)) throw new InvalidArgumentError(`"${text}" is not a number.`);
  return value;
}

/** For commander: a whole number; what range is allowed is the server's to say. */
export function integerValue(text: string): number {
  const value = numberValue(text);
  if (!Number.isInteger(value)) throw new InvalidArgumentError(`"${text}" is not a whole number.`);
  return value;
}

/** For commander: `0.5,0.75,1`. */
export function numberList(text: string): readonly number[] {
  return text.split(',').map(numberValue);
}

/** For commander: latency as `12`, `12ms` or `800us`. */
export function latencyValue(text: string): number {
  const match = /^\s*([\d.]+)\s*(ms|us|µs|s)?\s*$/.exec(text);
  const value = match === null ? Number.NaN : Number(match[1]);
  if (!Number.isFinite(value) || value <= 0) {
    throw new InvalidArgumentError(`"${text}" is not a latency; write 12ms or 800us.`);
  }
  const unit = match?.[2] ?? 'ms';
  return unit === 's' ? value * 1000 : unit === 'ms' ? value : value / 1000;
}

/** For commander: `name=value`, collected; values that are numbers become numbers. */
export function collectOption(
  text: string,
  collected: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const equals = text.indexOf('=');
  if (equals < 1) throw new InvalidArgumentError(`"${text}" is not of the form name=value.`);
  const value = text.slice(equals + 1);
  const number = value.trim() === '' ? Number.NaN : Number(value);
  return { ...collected, [text.slice(0, equals)]: Number.isNaN(number) ? value : number };
}
