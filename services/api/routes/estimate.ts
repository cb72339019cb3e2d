import { setImmediate as nextTurn } from 'node:timers/promises';
import { EstimateAnswer, EstimateRequest, type EstimateView } from '../../../contracts/http/estimate.js';
import { Problem } from '../../../contracts/http/problem.js';
import { LutraError } from '../../../core/errors.js';
import { estimateOps } from '../../../core/latency/estimate.js';
import type { LatencyTable } from '../../../core/latency/latency-table.js';
import { rankRanges } from '../../../core/latency/rank-range.js';
import type { TimingTarget } from '../../../core/latency/timing-target.js';
import { fuse } from '../../../core/ops/fuse.js';
import type { DType } from '../../../core/ops/op.js';
import type { Api } from '../api.js';
import type { ApiContext } from '../api-context.js';
import { parseCandidate } from '../parse-candidate.js';
import { tableOf } from '../table-of.js';

/** A thousand network documents fit. */
const BODY_LIMIT_BYTES = 8 * 2 ** 20;

/** Other requests get a turn after so many candidates. */
const CANDIDATES_A_TURN = 25;

interface ParsedCandidate {
  readonly name: string;
  /** One for each occurrence, by the element type that devices compute in. */
  readonly keys: ReadonlyMap<DType, readonly string[]>;
}

export function estimateRoutes(api: Api, context: ApiContext): void {
  api.post(
    '/estimate',
    {
      config: { scope: 'read', writes: false },
      bodyLimit: BODY_LIMIT_BYTES,
      schema: {
        tags: ['networks'],
        summary: 'Latency of candidates on devices, from their tables; nothing is measured',
        description:
          'An unknown op never counts as 0: `latencyMs` is null unless the table knows every op, `partialMs` is what ' +
          'the known ones come to. Ops that measured neighbours stand for are counted in `derived`, the measured ones ' +
          'in `coverage`. `rank` says which candidates cannot be told from each other.',
        body: EstimateRequest,
        response: { 200: EstimateAnswer, '4xx': Problem },
      },
    },
    async (request): Promise<EstimateAnswer> => {
      const { devices, candidates, strict = false, target = 'steady', ops = true } = request.body;
      const tables = devices.map((device, i) => knownTable(context, device, `/devices/${i}`));
      const dtypes = [...new Set(tables.map(({ dtype }) => dtype))];
      const estimates: EstimateView[] = [];
      const parsed: ParsedCandidate[] = [];
      for (const [i, candidate] of candidates.entries()) {
        if (i % CANDIDATES_A_TURN === CANDIDATES_A_TURN - 1) await nextTurn();
        const network = parseCandidate(candidate, `/candidates/${i}`);
        const keys = dtypes.map((dtype) => [dtype, fuse(network, dtype).map(({ key }) => key)] as const);
        parsed.push({ name: network.name, keys: new Map(keys) });
      }
      for (const table of tables) {
        const views = parsed.map((candidate, i) => estimateView(table, candidate, i, target, ops));
        const incomplete = strict ? views.find(({ missing }) => missing.length > 0) : undefined;
        if (incomplete !== undefined) throw missingOps(incomplete);
        estimates.push(...ranked(views, table.calibrationOf(target).resolution));
      }
      return { estimates };
    },
  );
}

function knownTable(context: ApiContext, name: string, pointer: string): LatencyTable {
  if (context.devices.find(name) === undefined) {
    throw new LutraError('unknown-device', `no device named '${name}' is registered`, { pointer });
  }
  return tableOf(context, name);
}

function estimateView(
  table: LatencyTable,
  { name, keys }: ParsedCandidate,
  candidate: number,
  target: TimingTarget,
  includeOps: boolean,
): EstimateView {
  const { ops, missing, ...estimate } = estimateOps(table, keys.get(table.dtype)!, target);
  return {
    device: table.device,
    candidate,
    name,
    ...estimate,
    rank: null,
    missing: [...missing],
    ...(includeOps ? { ops: [...ops] } : {}),
  };
}

/** With the places that they may have among each other; a single one has none. */
function ranked(views: readonly EstimateView[], resolution: number): readonly EstimateView[] {
  if (views.length === 1) return views;
  const ranges = rankRanges(
    views.map(({ latencyMs }) => latencyMs),
    resolution,
  );
  return views.map((view, i) => ({ ...view, rank: ranges[i] ?? null }));
}

function missingOps({ device, candidate, name, missing }: EstimateView): LutraError {
  const some = missing.slice(0, 3).join(', ');
  const rest = missing.length > 3 ? ` and ${missing.length - 3} more` : '';
  return new LutraError('missing-ops', `${name}: the table of '${device}' lacks ${some}${rest}`, {
    pointer: `/candidates/${candidate}`,
    details: { device, candidate, missing: [...missing] },
  });
}
