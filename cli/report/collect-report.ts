import type { AdaptationView } from '../../contracts/adaptation.js';
import type { Candidate } from '../../contracts/candidate.js';
import type { AdaptationNetworkQuery, TrainedNetworkDocument } from '../../contracts/http/adaptations.js';
import type { DeviceView } from '../../contracts/http/device-view.js';
import type { EstimateAnswer } from '../../contracts/http/estimate.js';
import type { InspectView } from '../../contracts/http/inspect.js';
import { type OpShare, REPORT_VERSION, type Report } from '../../contracts/report.js';
import { adaptationPath } from '../follow-adaptation.js';
import type { ApiClient } from '../http/api-client.js';
import { lutraVersion } from '../version.js';

/**
 * Gathers what the report shows beside the run itself: the devices, and the ops of seed and adapted network.
 * @param wallMs how long it all took, where that is known
 */
export async function collectReport(
  client: ApiClient,
  adaptation: AdaptationView,
  wallMs: number | null,
): Promise<Report> {
  const { device, budget, candidate } = adaptation.request;
  const names = [...new Set([device, ...Object.keys(budget.devices ?? {})])];
  return {
    version: REPORT_VERSION,
    lutraVersion: lutraVersion(),
    generatedAtMs: Date.now(),
    wallMs,
    adaptation,
    devices: await Promise.all(names.map((name) => reportedDevice(client, name))),
    frozenGroups: await frozenGroups(client, candidate),
    ops: {
      seed: await opShares(client, device, candidate),
      final: await opShares(client, device, await finalCandidate(client, adaptation)),
    },
  };
}

async function reportedDevice(client: ApiClient, name: string): Promise<Report['devices'][number]> {
  const { environment } = await client.get<DeviceView>(`/devices/${encodeURIComponent(name)}`);
  return { name, environment };
}

async function finalCandidate(client: ApiClient, adaptation: AdaptationView): Promise<Candidate | null> {
  const which = whichIsFinal(adaptation);
  if (which === null) return null;
  const { network } = await client.get<TrainedNetworkDocument>(`${adaptationPath(adaptation.id)}/network`, {
    ...which,
    format: 'json',
    weights: 'link',
  });
  return { network };
}

/** While it is being trained, the iteration that it came from has it. */
function whichIsFinal({
  final,
  iterations,
}: AdaptationView): Pick<AdaptationNetworkQuery, 'which' | 'index'> | null {
  if (final === null) return null;
  if (final.weights !== null) return { which: 'final' };
  const from = iterations.findLast(({ network }) => network?.networkHash === final.networkHash);
  return from?.network?.weights == null ? null : { which: 'iteration', index: from.index };
}

async function frozenGroups(client: ApiClient, candidate: Candidate): Promise<string[]> {
  const { widthGroups } = await client.post<InspectView>('/inspect', { candidate });
  return widthGroups.filter((group) => group.frozen).map((group) => group.id);
}

async function opShares(client: ApiClient, device: string, candidate: Candidate | null): Promise<OpShare[]> {
  if (candidate === null) return [];
  const { estimates } = await client.post<EstimateAnswer>('/estimate', {
    devices: [device],
    candidates: [candidate],
  });
  return (estimates[0]?.ops ?? []).map(({ key, count, latencyMs }) => ({ key, count, latencyMs }));
}
