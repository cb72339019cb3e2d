import type { BudgetLineView, DeviceReachView, ResourceView } from '../../contracts/adaptation.js';
import { isWithin } from '../../core/netadapt/course/budget.js';
import type { Course } from '../../core/netadapt/course/course.js';
import { amountOf } from '../../core/netadapt/course/standing.js';
import { type Resource, sameResource } from '../../core/netadapt/resource.js';
import { intervalOf } from './measured-network.js';

export function resourceView(resource: Resource): ResourceView {
  return { kind: resource.kind, device: resource.kind === 'latency' ? resource.device : null };
}

/** Every limit of a run's budget beside what the run has come to. */
export function budgetView({ opening, standing, closing }: Course): BudgetLineView[] {
  if (opening === null || standing === null) return [];
  const now = closing === null ? standing : { ...standing, measured: closing.adapted };
  return opening.limits.map((limit) => {
    const { resource, amount } = limit;
    return {
      resource: resourceView(resource),
      limit: amount,
      seed: amountOf(opening.seed, resource),
      least: opening.reach.find((reach) => sameResource(reach.resource, resource))!.least,
      reached: amountOf(now, resource),
      interval: resource.kind === 'latency' ? intervalOf(now.measured.get(resource.device)!) : null,
      met: isWithin(now, limit),
    };
  });
}

/** What widths can do about the latency on each device of a run. */
export function reachView({ opening }: Course): DeviceReachView[] {
  if (opening === null) return [];
  return opening.reach.flatMap(({ resource, seed, least, share }) => {
    if (resource.kind !== 'latency') return [];
    const { device } = resource;
    const dtype = opening.dtypes.get(device);
    const reach = {
      device,
      seedMs: seed,
      leastMs: least,
      widthShare: share,
      ops: opening.ops,
      noise: opening.noise.get(device)!,
      ...(dtype === undefined ? {} : { dtype }),
    };
    return [reach];
  });
}
