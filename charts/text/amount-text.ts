import type { ResourceView } from '../../contracts/adaptation.js';
import { compactCount } from './figures.js';
import type { LatencyUnit } from './latency-unit.js';

const COUNT_WORDS = { macs: 'MACs', params: 'parameters', peakActivationBytes: 'bytes' } as const;

/** An amount of a resource in words: `60.30 µs`, `12.1 ms on phone`, `1.25 M MACs`. @param device the report's own */
export function amountText(
  resource: ResourceView,
  amount: number,
  device: string,
  unit: LatencyUnit,
): string {
  if (resource.kind !== 'latency') return `${compactCount(amount)}\u00a0${COUNT_WORDS[resource.kind]}`;
  return resource.device === device ? unit.format(amount) : `${unit.format(amount)} on ${resource.device}`;
}

/** What a resource is called in a sentence: `latency on phone`, `MACs`. */
export function resourceText(resource: ResourceView): string {
  switch (resource.kind) {
    case 'latency':
      return `latency on ${resource.device}`;
    case 'macs':
      return 'MACs';
    case 'params':
      return 'parameters';
    case 'peakActivationBytes':
      return 'peak activation memory';
  }
}
