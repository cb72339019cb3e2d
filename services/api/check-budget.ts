import type { AdaptationRequest } from '../../contracts/adaptation.js';
import { LutraError } from '../../core/errors.js';
import { estimateNetwork } from '../../core/latency/estimate.js';
import { defaultWidthStep } from '../../core/netadapt/default-width-step.js';
import { narrowestNetworks } from '../../core/netadapt/narrowest-networks.js';
import { type CountedKind, countOf } from '../../core/netadapt/resource.js';
import type { BudgetLine } from '../../core/netadapt/run-settings.js';
import type { Network } from '../../core/network/network.js';
import { settingsOfRequest } from '../netadapt/settings-of-request.js';
import type { ApiContext } from './api-context.js';
import { tableOf } from './table-of.js';

/**
 * Refuses a budget that contradicts itself, names a device that is not there, or lies below what widths can reach: for a
 * latency, below the interval of the narrowest network's estimate. Where the table cannot tell, the run itself finds out.
 * @throws LutraError pointing at the limit that is wrong
 */
export function checkBudget(context: ApiContext, request: AdaptationRequest, network: Network): void {
  const { device, budget } = request;
  if (budget.latencyMs !== undefined && budget.ratio !== undefined) {
    throw invalid('/budget/ratio', 'expected latencyMs or ratio, got both');
  }
  const own = budget.latencyMs !== undefined || budget.ratio !== undefined;
  if (own && budget.devices !== undefined && device in budget.devices) {
    throw invalid(
      `/budget/devices/${device}`,
      `the latency on '${device}' is limited by the budget itself already`,
    );
  }
  for (const name of Object.keys(budget.devices ?? {})) checkDevice(context, name);
  for (const { resource, limit } of settingsOfRequest(request).budget) {
    if (resource.kind !== 'latency') checkCount(context, request, network, resource.kind, limit);
    else if ('amount' in limit) checkLatency(context, request, network, resource.device, limit.amount);
  }
}

function checkDevice(context: ApiContext, name: string): void {
  try {
    context.devices.get(name);
  } catch (error) {
    if (!(error instanceof LutraError)) throw error;
    throw new LutraError(error.code, error.message, { pointer: `/budget/devices/${name}`, cause: error });
  }
}

function checkLatency(
  context: ApiContext,
  request: AdaptationRequest,
  network: Network,
  device: string,
  budgetMs: number,
): void {
  const table = tableOf(context, device);
  const estimates = narrowest(request, network, table.channelStep).map((narrow) =>
    estimateNetwork(table, narrow),
  );
  const known = estimates.flatMap(({ latencyMs, interval }) =>
    latencyMs === null || interval === null ? [] : [{ latencyMs, interval }],
  );
  if (known.length < estimates.length || known.some(({ interval }) => interval.lowMs <= budgetMs)) return;
  const least = known.reduce((a, b) => (b.latencyMs < a.latencyMs ? b : a));
  throw new LutraError(
    'unreachable-budget',
    `expected a budget that some width reaches, got ${budgetMs} ms; the narrowest network is estimated at ` +
      `${least.latencyMs.toPrecision(3)} ms on '${device}'`,
    {
      pointer: latencyPointer(request, device),
      details: { leastMs: least.latencyMs, interval: least.interval },
    },
  );
}

function checkCount(
  context: ApiContext,
  request: AdaptationRequest,
  network: Network,
  kind: CountedKind,
  limit: BudgetLine['limit'],
): void {
  const seed = countOf(kind, network);
  const amount = 'ratio' in limit ? limit.ratio * seed : limit.amount;
  const { channelStep } = tableOf(context, request.device);
  const least = Math.min(...narrowest(request, network, channelStep).map((narrow) => countOf(kind, narrow)));
  if (least <= amount) return;
  throw new LutraError(
    'unreachable-budget',
    `expected a budget that some width reaches, got ${amount} ${kind}; the narrowest network needs ${least} of the seed's ${seed}`,
    { pointer: `/budget/${kind}`, details: { least, seed } },
  );
}

function narrowest(
  { widthStep }: AdaptationRequest,
  network: Network,
  channelStep: number,
): readonly Network[] {
  return narrowestNetworks(network, widthStep ?? defaultWidthStep(channelStep), channelStep);
}

function latencyPointer({ device, budget }: AdaptationRequest, name: string): string {
  return name === device && budget.latencyMs !== undefined
    ? '/budget/latencyMs'
    : `/budget/devices/${name}/latencyMs`;
}

function invalid(pointer: string, message: string): LutraError {
  return new LutraError('invalid-request', `${pointer}: ${message}`, { pointer });
}
