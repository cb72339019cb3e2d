import type { MeasuredNetwork } from './collected.js';

/** Networks of one family and size. */
export type Group = readonly [MeasuredNetwork, ...MeasuredNetwork[]];

export function groupsOf(networks: readonly MeasuredNetwork[]): readonly Group[] {
  const groups = new Map<string, [MeasuredNetwork, ...MeasuredNetwork[]]>();
  for (const network of networks) {
    const name = `${network.family}@${network.resolution}`;
    const known = groups.get(name);
    if (known === undefined) groups.set(name, [network]);
    else known.push(network);
  }
  return [...groups.values()];
}

/** The networks that calibrate one table for all groups: the first two of each, or one where there are few. */
export function firstOfEachGroup(networks: readonly MeasuredNetwork[]): readonly MeasuredNetwork[] {
  return groupsOf(networks).flatMap((group) => group.slice(0, group.length > 4 ? 2 : 1));
}
