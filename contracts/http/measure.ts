import { type Static, Type } from 'typebox';
import { Candidate } from '../candidate.js';
import { DTypeName } from '../environment.js';
import { Purpose, TimingTarget } from '../measurement.js';
import { DeviceLabel } from './device-view.js';
import { JobView } from './job-view.js';

/** How a measurement is taken; what is absent is the default of `contracts/measurement.ts`. */
export const ProtocolOverrides = Type.Object(
  {
    maxVisits: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    minVisits: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    samplesPerVisit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1000 })),
    visitBudgetMs: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 10_000 })),
    targetRelativeInterval: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1 })),
    processes: Type.Optional(Type.Integer({ minimum: 1, maximum: 20 })),
    spreadMs: Type.Optional(Type.Number({ minimum: 0, maximum: 600_000 })),
    budgetMs: Type.Optional(Type.Number({ minimum: 1, maximum: 3_600_000 })),
    subjectTimeoutMs: Type.Optional(Type.Number({ minimum: 100, maximum: 600_000 })),
  },
  { additionalProperties: false },
);
export type ProtocolOverrides = Static<typeof ProtocolOverrides>;

/**
 * `reference`: three fresh processes and visits spread over most of a minute, for figures that others are held against.
 */
export const MeasurementQuality = Type.Union([Type.Literal('standard'), Type.Literal('reference')]);
export type MeasurementQuality = Static<typeof MeasurementQuality>;

const GivenName = Type.String({ minLength: 1, maxLength: 64 });

/** Any device of a class, whichever is free first: one with a label, or one whose environment is another device's now. */
export const AnyDevice = Type.Union([
  Type.Object(
    {
      label: DeviceLabel,
      /** Element type to measure in; devices of another leave the job alone. Default float32. */
      dtype: Type.Optional(DTypeName),
    },
    { additionalProperties: false },
  ),
  Type.Object({ like: GivenName }, { additionalProperties: false }),
]);
export type AnyDevice = Static<typeof AnyDevice>;

/**
 * `POST /measure`: measures networks whole, and the ops that they and `ops` name and the device's table lacks. At least
 * one of `candidate`, `candidates` and `ops` says what, exactly one of `device`,
 * `devices` and `anyDevice` says where.
 */
export const MeasureRequest = Type.Object(
  {
    device: Type.Optional(GivenName),
    /** A job on each of them. */
    devices: Type.Optional(Type.Array(GivenName, { minItems: 1, maxItems: 100, uniqueItems: true })),
    anyDevice: Type.Optional(AnyDevice),
    candidate: Type.Optional(Candidate),
    /** Several networks in one session: their figures share the machine's states. */
    candidates: Type.Optional(Type.Array(Candidate, { minItems: 1, maxItems: 64 })),
    /** Op keys. */
    ops: Type.Optional(Type.Array(Type.String({ maxLength: 512 }), { minItems: 1, maxItems: 512 })),
    /** What the networks' latencies are to be of. Default steady; ops are always steady. */
    target: Type.Optional(TimingTarget),
    /** `held-out`: the networks will judge estimates and never calibrate the table. Default calibration. */
    purpose: Type.Optional(Purpose),
    protocol: Type.Optional(ProtocolOverrides),
    /** Higher runs first. */
    priority: Type.Optional(Type.Integer({ minimum: -100, maximum: 100 })),
    /** Default standard. Fields of `protocol` override either. */
    quality: Type.Optional(MeasurementQuality),
    /** Measure ops again that the table has. */
    remeasure: Type.Optional(Type.Boolean()),
  },
  { $id: 'MeasureRequest', additionalProperties: false },
);
export type MeasureRequest = Static<typeof MeasureRequest>;

/** 202 of `POST /measure` with `device` or `anyDevice`; `Location` names the job. */
export const MeasureAccepted = Type.Object({ job: JobView }, { $id: 'MeasureAccepted' });
export type MeasureAccepted = Static<typeof MeasureAccepted>;

/** 202 of `POST /measure` with `devices`: the jobs in that order. */
export const MeasureManyAccepted = Type.Object({ jobs: Type.Array(JobView) }, { $id: 'MeasureManyAccepted' });
export type MeasureManyAccepted = Static<typeof MeasureManyAccepted>;
