import { LutraError } from '../errors.js';
import type { LatencyTable } from '../latency/latency-table.js';
import { addSums, type NetworkSums, NO_SUMS } from '../latency/network-sums.js';
import { reanchoredMs } from '../latency/reanchor.js';
import type { Network } from '../network/network.js';
import type { GroupWidth } from '../network/resize-groups.js';
import { type WidthGroup, widthGroups } from '../network/width-groups.js';
import { type FusedOp, fuse } from '../ops/fuse.js';
import { candidateWidths } from './candidate-widths.js';
import { chooseWidth, type WidthAnswer } from './choose-width.js';
import { type OpVariation, opVariation } from './op-variation.js';

/** A width group and what becomes of it. */
export interface WidthCut {
  /** Id of the group. */
  readonly group: string;
  readonly widthBefore: number;
  readonly width: number;
}

/** One width group shrunk until the iteration's target is met. */
export interface Proposal extends WidthCut {
  /** Groups that must shrink with it, where no group alone reduces the resource: peak memory at several places. */
  readonly also?: readonly WidthCut[];
  /**
   * What the network needs then of the iteration's resource, in its unit: a latency is re-anchored to the measured
   * network of the iteration before, the others are exact.
   */
  readonly estimate: number;
  /** Positions of the ops that change, in the fused network: proposals that share none do not interact. */
  readonly ops: readonly number[];
}

/** All cuts of a proposal, its own group's first. */
export function cutsOf(proposal: Proposal): readonly WidthCut[] {
  return [proposal, ...(proposal.also ?? [])];
}

/**
 * The proposals behind widths that were chosen: the one with just these cuts, else all whose cuts are among them.
 * @param widths of the groups that were cut
 */
export function chosenProposals<P extends Proposal>(
  proposals: readonly P[],
  widths: readonly GroupWidth[],
): readonly P[] {
  const among = (proposal: P) =>
    cutsOf(proposal).every((cut) =>
      widths.some(({ group, width }) => group === cut.group && width === cut.width),
    );
  const candidates = proposals.filter(among);
  const whole = candidates.find((proposal) => cutsOf(proposal).length === widths.length);
  return whole === undefined ? candidates : [whole];
}

export interface ProposalRequest {
  readonly network: Network;
  /** Of the network, whole, on the device. */
  readonly measuredMs: number;
  readonly targetMs: number;
  /** Widths are multiples of this. */
  readonly widthStep: number;
  /** Ops that the device failed to measure: widths that need them are not proposed. */
  readonly unmeasurable: ReadonlySet<string>;
}

export type ProposalOutcome =
  | { readonly kind: 'proposals'; readonly proposals: readonly Proposal[] }
  /** The table must learn these ops first. */
  | { readonly kind: 'missing'; readonly ops: readonly string[] };

/**
 * For every width group that may change: the largest width whose estimated latency meets the target. Groups that cannot
 * meet it alone are left out.
 * @throws LutraError `invalid-network`; `missing-ops` when an op of the network itself cannot be measured
 * @see Yang et al. 2018, "NetAdapt", algorithm 1, lines 4 to 5
 */
export function propose(table: LatencyTable, request: ProposalRequest): ProposalOutcome {
  const fused = fuse(request.network, table.dtype);
  const lacking = new Set(fused.map(({ key }) => key).filter((key) => !isMeasured(table, key)));
  refuseUnmeasurable(lacking, request);
  if (lacking.size > 0) return { kind: 'missing', ops: [...lacking] };
  const proposals: Proposal[] = [];
  for (const group of widthGroups(request.network)) {
    if (group.frozen || group.width <= request.widthStep) continue;
    const question = new GroupQuestion(table, request, fused, group);
    const answer = question.answer();
    if (answer.kind === 'width') proposals.push(question.proposal(answer.width, answer.estimateMs));
    if (answer.kind === 'measure') for (const key of question.missingAt(answer.widths)) lacking.add(key);
  }
  if (lacking.size > 0) return { kind: 'missing', ops: [...lacking] };
  return { kind: 'proposals', proposals };
}

/** Snapped and interpolated figures change as the table grows; what is decided with them could not be decided again. */
function isMeasured(table: LatencyTable, key: string): boolean {
  return table.get(key)?.source === 'measured';
}

function refuseUnmeasurable(lacking: ReadonlySet<string>, { network, unmeasurable }: ProposalRequest): void {
  const ops = [...lacking].filter((key) => unmeasurable.has(key));
  if (ops.length === 0) return;
  throw new LutraError(
    'missing-ops',
    `network '${network.name}': the device failed to measure ${ops.length} of its ops, the first being ${ops[0]}`,
    { details: { missing: ops } },
  );
}

/** One group's latency as a function of its width. */
class GroupQuestion {
  private readonly variation: OpVariation;
  /** Of the network as it is, and of those of its ops that do not depend on this group. */
  private readonly modelNs: number;
  private readonly others: NetworkSums;

  constructor(
    private readonly table: LatencyTable,
    private readonly request: ProposalRequest,
    fused: readonly FusedOp[],
    private readonly group: WidthGroup,
  ) {
    this.variation = opVariation(request.network, fused, group);
    const affected = new Set(this.variation.positions);
    const keys = fused.map(({ key }) => key);
    this.modelNs = table.modelNs(table.sums(keys)!);
    this.others = table.sums(keys.filter((_, i) => !affected.has(i)))!;
  }

  answer(): WidthAnswer {
    const { measuredMs, targetMs, widthStep } = this.request;
    const floorMs = this.networkMs(NO_SUMS);
    if (floorMs > targetMs) return { kind: 'none' };
    return chooseWidth({
      widths: candidateWidths(this.group.width, widthStep).filter((width) => this.measurable(width)),
      width: this.group.width,
      latencyMs: measuredMs,
      targetMs,
      floorMs,
      estimateMs: (width) => {
        const keys = this.variation.keysAt(width);
        if (keys.some((key) => !isMeasured(this.table, key))) return null;
        return this.networkMs(this.table.sums(keys)!);
      },
      guard: widthStep % this.table.channelStep === 0 ? 1 : 2,
    });
  }

  proposal(width: number, estimate: number): Proposal {
    const { id: group, width: widthBefore } = this.group;
    return { group, widthBefore, width, estimate, ops: this.variation.positions };
  }

  missingAt(widths: readonly number[]): readonly string[] {
    return widths
      .flatMap((width) => this.variation.keysAt(width))
      .filter((key) => !isMeasured(this.table, key));
  }

  private measurable(width: number): boolean {
    const { unmeasurable } = this.request;
    return unmeasurable.size === 0 || this.variation.keysAt(width).every((key) => !unmeasurable.has(key));
  }

  /** With what the ops that depend on this group come to. */
  private networkMs(affected: NetworkSums): number {
    const candidateNs = this.table.modelNs(addSums(this.others, affected));
    return reanchoredMs(this.request.measuredMs, this.modelNs, candidateNs);
  }
}
