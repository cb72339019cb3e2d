import type { Resource } from '../resource.js';
import { amountOf, type Standing } from './standing.js';

/** How far widths alone can take a resource down: from the seed to every group as narrow as it may become. */
export interface WidthReach {
  readonly resource: Resource;
  readonly seed: number;
  readonly least: number;
  /** Of what the seed needs: what all widths together could take away. */
  readonly share: number;
}

/** @param narrowest where there are several, the one that needs least counts */
export function widthReach(resource: Resource, seed: Standing, narrowest: readonly Standing[]): WidthReach {
  const seedAmount = amountOf(seed, resource);
  const least = Math.min(...narrowest.map((narrow) => amountOf(narrow, resource)));
  return { resource, seed: seedAmount, least, share: 1 - least / seedAmount };
}
