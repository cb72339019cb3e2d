import { type Static, Type } from 'typebox';
import { TimingTarget } from '../measurement.js';

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/** How estimates met whole-network measurements that did not feed them. */
export const FidelityView = Type.Object({
  networks: Type.Integer(),
  /** Mean of |estimate − measured| ÷ measured. */
  meanAbsoluteError: Type.Number(),
  maxAbsoluteError: Type.Number(),
  /** Shares of networks with an error of at most 5 and 10 %. */
  within5Percent: Type.Number(),
  within10Percent: Type.Number(),
  /** Rank agreement, −1 to 1; null when it is undefined. */
  kendallTau: Nullable(Type.Number()),
});
export type FidelityView = Static<typeof FidelityView>;

/** A table judged by held-out networks, as it stood when they were measured. */
export const FidelityReportView = Type.Object(
  {
    device: Type.String(),
    target: TimingTarget,
    /** What the networks were drawn from, e.g. `mobilenet-v2 at 96 px`. */
    family: Type.String(),
    reportedAtMs: Type.Number(),
    calibrated: FidelityView,
    /** Plain sums of op latencies. */
    raw: FidelityView,
    /** Share of networks that were measured within the 95 % interval of their estimate. */
    intervalCoverage: Type.Number(),
    /** The same networks measured twice; null when none was. */
    repeated: Nullable(
      Type.Object({
        networks: Type.Integer(),
        /** Of |first ÷ second − 1|. */
        meanDeviation: Type.Number(),
        maxDeviation: Type.Number(),
      }),
    ),
    /** Networks left out because the table lacks an op of theirs. */
    incomplete: Type.Integer(),
  },
  { $id: 'FidelityReportView' },
);
export type FidelityReportView = Static<typeof FidelityReportView>;

/** `POST /fidelity-reports`: judges a device's table by networks that jobs measured with the purpose `held-out`. */
export const FidelityReportRequest = Type.Object(
  {
    device: Type.String({ minLength: 1, maxLength: 64 }),
    family: Type.String({ minLength: 1, maxLength: 200 }),
    target: Type.Optional(TimingTarget),
    /** Finished measure jobs. */
    jobs: Type.Array(Type.String({ minLength: 1, maxLength: 64 }), {
      minItems: 1,
      maxItems: 500,
      uniqueItems: true,
    }),
  },
  { $id: 'FidelityReportRequest', additionalProperties: false },
);
export type FidelityReportRequest = Static<typeof FidelityReportRequest>;
