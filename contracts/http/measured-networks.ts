import { type Static, Type } from 'typebox';
import { TimingTarget } from '../measurement.js';
import { LatencyInterval } from './latency-table-view.js';

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/** `GET /latency-table/networks`. */
export const MeasuredNetworksQuery = Type.Object(
  {
    device: Type.String({ minLength: 1, maxLength: 64 }),
    /** What the latencies are of. Default steady. */
    target: Type.Optional(TimingTarget),
  },
  { additionalProperties: false },
);
export type MeasuredNetworksQuery = Static<typeof MeasuredNetworksQuery>;

/** Whole networks that a device has measured, the latest last, each beside what its table makes of the network's ops. */
export const MeasuredNetworks = Type.Object(
  {
    device: Type.String(),
    networks: Type.Array(
      Type.Object({
        networkHash: Type.String(),
        name: Type.String(),
        /** Median over the sessions that measured it, at the level of the anchor's baseline. */
        measuredMs: Type.Number(),
        measurements: Type.Integer(),
        /** Null when the table can say nothing of an op of it. */
        estimateMs: Nullable(Type.Number()),
        /** Of the estimate. */
        interval: Nullable(LatencyInterval),
        /**
         * Whether it is one of the networks that the calibration is fitted on, so that its error proves little: not
         * measured to be held out, and all its ops are measured too.
         */
        calibrates: Type.Boolean(),
      }),
    ),
  },
  { $id: 'MeasuredNetworks' },
);
export type MeasuredNetworks = Static<typeof MeasuredNetworks>;
