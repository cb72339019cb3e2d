import { type Static, Type } from 'typebox';
import { JobView } from './job-view.js';

/** 202 of `POST /devices/:name/noise-check`: one job a session. */
export const NoiseCheckAccepted = Type.Object({ jobs: Type.Array(JobView) }, { $id: 'NoiseCheckAccepted' });
export type NoiseCheckAccepted = Static<typeof NoiseCheckAccepted>;
