/** Cores of this machine by number, ascending. */
export type Cores = readonly number[];

/** As the kernel writes a set of cores, so that what was asked for and what is allowed compare as text: `0-2,5`. */
export function formatCores(cores: Cores): string {
  const ranges: [first: number, last: number][] = [];
  for (const core of [...new Set(cores)].sort((a, b) => a - b)) {
    const range = ranges.at(-1);
    if (range !== undefined && range[1] === core - 1) range[1] = core;
    else ranges.push([core, core]);
  }
  return ranges.map(([first, last]) => (first === last ? String(first) : `${first}-${last}`)).join(',');
}
