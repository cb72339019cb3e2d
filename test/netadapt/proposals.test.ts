import { describe, expect, it } from 'vitest';
import { reanchoredMs } from '../../core/latency/reanchor.js';
import { candidateWidths } from '../../core/netadapt/candidate-widths.js';
import { type Proposal, type ProposalRequest, propose } from '../../core/netadapt/proposals.js';
import type { Network } from '../../core/network/network.js';
import { resizeGroup } from '../../core/network/resize-group.js';
import { widthGroups } from '../../core/network/width-groups.js';
import { fuse } from '../../core/ops/fuse.js';
import { buildZooNetwork } from '../../core/zoo/zoo.js';
import { SimulatedDevice } from './simulated-device.js';
import { TINY } from './simulated-run.js';

function requestFor(network: Network, measuredMs: number, share: number, widthStep: number): ProposalRequest {
  return { network, measuredMs, targetMs: share * measuredMs, widthStep, unmeasurable: new Set() };
}

/** Lets the device measure whatever is asked for. */
function proposeOn(device: SimulatedDevice, request: ProposalRequest): readonly Proposal[] {
  for (;;) {
    const outcome = propose(device.table(), request);
    if (outcome.kind === 'proposals') return outcome.proposals;
    device.learn(outcome.ops);
  }
}

function estimateAt(device: SimulatedDevice, network: Network, measuredMs: number, variant: Network): number {
  const sumNs = (of: Network): number => fuse(of).reduce((sum, { key }) => sum + device.opNs(key), 0);
  return reanchoredMs(measuredMs, sumNs(network), sumNs(variant));
}

describe('propose', () => {
  it.each([
    ['a small network at the device’s step', TINY, 16, 0.97],
    ['a small network at a finer step', TINY, 8, 0.96],
    ['MobileNetV3-Large', buildZooNetwork('mobilenet-v3-large', {}), 16, 0.97],
  ])('gives every group of %s its largest width that meets the target', (_name, network, step, share) => {
    const device = new SimulatedDevice();
    const { latencyMs } = device.measure(network);
    const proposals = proposeOn(device, requestFor(network, latencyMs, share, step));
    expect(proposals.length).toBeGreaterThan(5);
    const byGroup = new Map(proposals.map((proposal) => [proposal.group, proposal]));
    for (const { id, width, frozen } of widthGroups(network)) {
      const meets = frozen
        ? []
        : candidateWidths(width, step).filter((candidate) => {
            const variant = resizeGroup(network, id, candidate);
            return estimateAt(device, network, latencyMs, variant) <= share * latencyMs;
          });
      expect(byGroup.get(id)?.width, id).toBe(meets[0]);
    }
  });

  it('estimates every proposal as fusing the whole variant does', () => {
    const device = new SimulatedDevice();
    const { latencyMs } = device.measure(TINY);
    for (const { group, width, estimate } of proposeOn(device, requestFor(TINY, latencyMs, 0.95, 16))) {
      const variant = resizeGroup(TINY, group, width);
      expect(estimate).toBeCloseTo(estimateAt(device, TINY, latencyMs, variant), 12);
      // The device's networks take a fixed multiple of their ops, so the estimate is what it would measure.
      expect(device.measure(variant).latencyMs).toBeCloseTo(estimate, 9);
    }
  });

  it('asks for the network’s own ops first', () => {
    const outcome = propose(new SimulatedDevice().table(), requestFor(TINY, 1, 0.97, 16));
    expect(outcome).toEqual({ kind: 'missing', ops: [...new Set(fuse(TINY).map(({ key }) => key))] });
  });

  it('measures far fewer ops than all widths of all groups have', () => {
    const device = new SimulatedDevice();
    const network = buildZooNetwork('mobilenet-v3-large', {});
    proposeOn(device, requestFor(network, device.measure(network).latencyMs, 0.97, 8));
    expect(device.measuredOps).toBeGreaterThan(50);
    expect(device.measuredOps).toBeLessThan(500);
  });

  it('passes over widths whose ops the device cannot measure', () => {
    const device = new SimulatedDevice();
    const { latencyMs } = device.measure(TINY);
    const request = requestFor(TINY, latencyMs, 0.97, 16);
    const before = proposeOn(device, request).find(({ group }) => group === 'block4/expand/conv')!;
    const broken = fuse(resizeGroup(TINY, before.group, before.width)).map(({ key }) => key);
    const own = new Set(fuse(TINY).map(({ key }) => key));
    const unmeasurable = new Set(broken.filter((key) => !own.has(key)));
    const after = proposeOn(device, { ...request, unmeasurable }).find(
      ({ group }) => group === before.group,
    )!;
    expect(after.width).toBe(before.width - 16);
  });

  it('refuses a network with an op that cannot be measured', () => {
    const [first] = fuse(TINY);
    const request = { ...requestFor(TINY, 1, 0.97, 16), unmeasurable: new Set([first!.key]) };
    expect(() => propose(new SimulatedDevice().table(), request)).toThrowError(
      expect.objectContaining({ code: 'missing-ops', details: { missing: [first!.key] } }),
    );
  });
});
