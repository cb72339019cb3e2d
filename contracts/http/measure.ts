import { type Static, Type } from 'typebox';
import { Candidate } from '../candidate.js';
import { JobView } from './job-view.js';

/** How a measurement is taken; what is absent is the default of `contracts/measurement.ts`. */
export const ProtocolOverrides = Type.Object(
  {
    maxVisits: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    minVisits: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    samplesPerVisit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    visitBudgetMs: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 10_000 })),
    targetRelativeInterval: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1 })),
    subjectTimeoutMs: Type.Optional(Type.Number({ minimum: 100, maximum: 600_000 })),
  },
  { additionalProperties: false },
);
export type ProtocolOverrides = Static<typeof ProtocolOverrides>;

/** `POST /measure`: measures the ops that the device's table lacks, and the whole network. */
export const MeasureRequest = Type.Object(
  {
    device: Type.String({ minLength: 1, maxLength: 64 }),
    candidate: Candidate,
    protocol: Type.Optional(ProtocolOverrides),
    /** Higher runs first. */
    priority: Type.Optional(Type.Integer({ minimum: -100, maximum: 100 })),
    /** Measure ops again that the table has. */
    remeasure: Type.Optional(Type.Boolean()),
  },
  { $id: 'MeasureRequest', additionalProperties: false },
);
export type MeasureRequest = Static<typeof MeasureRequest>;

/** 202 of `POST /measure`; `Location` names the job. */
export const MeasureAccepted = Type.Object({ job: JobView }, { $id: 'MeasureAccepted' });
export type MeasureAccepted = Static<typeof MeasureAccepted>;
