import { setTimeout as sleep } from 'node:timers/promises';
import type { AdaptationRequest, AdaptationView } from '../../contracts/adaptation.js';
import { BLOB_CLASSES } from './blobs-dataset.js';

/** Options of the fake device: no noise, and blocks so small that every width counts. */
export const BLOBS_DEVICE = { channelStep: 4 };

const SHORT = { batchSize: 32, warmupSteps: 2, averageStatisticsSteps: 5 };

/** A whole run in some fifteen seconds: four iterations, about twenty trainings. */
export function blobsRequest(directory: string): AdaptationRequest {
  return {
    device: 'local',
    candidate: { zoo: 'mobilenet-v3-tiny', options: { classes: BLOB_CLASSES } },
    dataset: { kind: 'idx', directory },
    budget: { ratio: 0.8 },
    initialReduction: 0.04,
    recipes: {
      seed: { ...SHORT, steps: 100 },
      fineTune: { ...SHORT, steps: 30 },
      final: { ...SHORT, steps: 30 },
    },
    randomSeed: 7,
  };
}

/** @returns the run's id */
export async function submitAdaptation(url: string, request: AdaptationRequest): Promise<string> {
  const answer = await fetch(`${url}/adaptations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  if (answer.status !== 202) throw new Error(`POST /adaptations: ${answer.status} ${await answer.text()}`);
  return ((await answer.json()) as { adaptation: AdaptationView }).adaptation.id;
}

/** The run as the api shows it; null while nobody answers. */
export async function readAdaptation(url: string, id: string): Promise<AdaptationView | null> {
  const answer = await fetch(`${url}/adaptations/${id}`).catch(() => null);
  if (answer === null) return null;
  if (!answer.ok) throw new Error(`GET /adaptations/${id}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as AdaptationView;
}

export async function untilEnded(url: string, id: string): Promise<AdaptationView> {
  for (;;) {
    const view = await readAdaptation(url, id);
    if (view !== null && view.status !== 'queued' && view.status !== 'running') return view;
    await sleep(100);
  }
}
