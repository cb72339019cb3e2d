import { type Static, Type } from 'typebox';
import { LatencyInterval } from './latency-table-view.js';

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/** `GET /latency-table/networks`. */
export const MeasuredNetworksQuery = Type.Object(
  { device: Type.String({ minLength: 1, maxLength: 64 }) },
  { additionalProperties: false },
);
export type MeasuredNetworksQuery = Static<typeof MeasuredNetworksQuery>;

/** Whole networks that a device has measured, each beside what its table makes of the network's ops. */
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
        /** Null when the table lacks an op of it. */
        estimateMs: Nullable(Type.Number()),
        /** Of the estimate. */
        interval: Nullable(LatencyInterval),
        /** Whether it is one of the networks that the calibration is fitted on: then its error proves little. */
        calibrates: Type.Boolean(),
      }),
    ),
  },
  { $id: 'MeasuredNetworks' },
);
export type MeasuredNetworks = Static<typeof MeasuredNetworks>;
