import type { AdaptationRequest } from '../contracts/adaptation.js';

/**
 * What the quickstart adapts. Everything that is not here is the API's default, so that the quickstart shows what a
 * plain request gives.
 */
export const QUICKSTART_PLAN = {
  device: 'local',
  candidate: { zoo: 'mobilenet-v3-tiny', options: { width: 2.5, stemStride: 2 } },
  /** Share of the seed's measured latency. */
  budget: { ratio: 0.6 },
  baselines: true,
  /** It would double the time; `--macs-baseline` asks for it. */
  macsBaseline: false,
} as const satisfies Partial<AdaptationRequest>;
