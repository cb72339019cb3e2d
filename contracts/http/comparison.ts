import { type Static, Type } from 'typebox';
import { Candidate } from '../candidate.js';
import { MeasurementQuality, ProtocolOverrides } from './measure.js';

/**
 * `POST /comparisons`: the steady states of two networks in one session, visited as A, B, B, A, in three fresh processes. 202 with a job,
 * whose result holds `comparison`.
 */
export const ComparisonRequest = Type.Object(
  {
    device: Type.String({ minLength: 1, maxLength: 64 }),
    a: Candidate,
    b: Candidate,
    /** `reference`: the rounds are spread over most of a minute. Default standard; three processes are in both. */
    quality: Type.Optional(MeasurementQuality),
    protocol: Type.Optional(ProtocolOverrides),
    /** Higher runs first. */
    priority: Type.Optional(Type.Integer({ minimum: -100, maximum: 100 })),
  },
  { $id: 'ComparisonRequest', additionalProperties: false },
);
export type ComparisonRequest = Static<typeof ComparisonRequest>;
