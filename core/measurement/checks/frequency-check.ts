import { extremes } from '../extremes.js';
import type { Observations } from '../observations.js';
import type { SessionCheck } from './session-check.js';

/** A clock that differs by more between begin and end was not steady between them. */
const FREQUENCY_SHIFT = 0.05;
/** Processors slow themselves down somewhere above this. */
const HOT_C = 90;

/** Frequency, throttling and temperature, where the machine shows them. */
export function frequencyCheck({ processes }: Observations): SessionCheck {
  const name = 'frequency';
  const facts = processes.flatMap(({ before, after }) => [before, after]);
  const mhz = facts.flatMap(({ frequencyMhz }) => frequencyMhz ?? []);
  const celsius = facts.flatMap(({ temperatureC }) => temperatureC ?? []);
  const throttles = processes.flatMap(({ before, after }) =>
    before.throttles === undefined || after.throttles === undefined
      ? []
      : [after.throttles - before.throttles],
  );
  if (mhz.length + celsius.length + throttles.length === 0)
    return { name, state: 'unobservable', detail: 'no frequencies or temperatures to read' };
  const { least: lowest, most: highest } = extremes(mhz);
  const throttled = throttles.reduce((sum, count) => sum + count, 0);
  const shifted = mhz.length > 0 && lowest < (1 - FREQUENCY_SHIFT) * highest;
  const hot = celsius.some((temperature) => temperature >= HOT_C);
  const words = [
    ...(mhz.length === 0 ? [] : [`${lowest.toFixed(0)}–${highest.toFixed(0)} MHz`]),
    ...(celsius.length === 0 ? [] : [`${extremes(celsius).most.toFixed(0)} °C`]),
    ...(throttles.length === 0 ? [] : [`throttled ${throttled} times`]),
  ];
  return { name, state: shifted || hot || throttled > 0 ? 'warn' : 'pass', detail: words.join(', ') };
}
