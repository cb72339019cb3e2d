import { type Static, Type } from 'typebox';
import { DTypeName, Environment, RuntimeName } from '../environment.js';
import { Verdict } from '../measurement.js';
import { FidelityReportView } from './fidelity.js';

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

export const DeviceName = Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,63}$' });

export const DeviceLabel = Type.String({ pattern: '^[a-z0-9][a-z0-9_-]{0,31}$' });

/** `POST /devices`. Equal names update the device, which keeps its measurements. */
export const DeviceRegistration = Type.Object(
  {
    name: DeviceName,
    runtime: RuntimeName,
    threads: Type.Optional(Type.Integer({ minimum: 1, maximum: 256 })),
    /** Default float32. */
    dtype: Type.Optional(DTypeName),
    /** For `fake`: formula, noise and failure rules. */
    runtimeOptions: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    /** Classes that it belongs to, for jobs that any device of a class may take. Absent: as they are. */
    labels: Type.Optional(Type.Array(DeviceLabel, { maxItems: 20 })),
  },
  { $id: 'DeviceRegistration', additionalProperties: false },
);
export type DeviceRegistration = Static<typeof DeviceRegistration>;

/** The anchor network in one session. The work is always the same, so all differences are the device's. */
export const AnchorReading = Type.Object({
  sessionId: Type.Integer(),
  measuredAtMs: Type.Number(),
  verdict: Verdict,
  /** As timed; null when the anchor failed or was not measured. */
  latencyMs: Nullable(Type.Number()),
  /** The session's latencies times this are at the level of the environment's baseline. */
  anchorFactor: Type.Number(),
  /** Whether the session ran in the environment that the device has now. */
  current: Type.Boolean(),
});
export type AnchorReading = Static<typeof AnchorReading>;

/** The same networks in two sessions: all that differs is noise. */
export const NoiseCheckView = Type.Object({
  measuredAtMs: Type.Number(),
  sessionIds: Type.Array(Type.Integer(), { minItems: 2, maxItems: 2 }),
  /** 1.96 × the root mean square of ln(second ÷ first). */
  floor: Type.Number(),
  networks: Type.Array(
    Type.Object({ networkHash: Type.String(), firstMs: Type.Number(), secondMs: Type.Number() }),
  ),
});
export type NoiseCheckView = Static<typeof NoiseCheckView>;

/** `GET /devices/:name`. */
export const DeviceView = Type.Object(
  {
    name: Type.String(),
    runtime: RuntimeName,
    threads: Type.Integer(),
    dtype: DTypeName,
    /**
     * `quarantined`: its anchor was off in several sessions, and it gets no work until it is resumed. `draining`: it
     * finishes what it holds. `offline`: no worker of it was heard of for 20 seconds.
     */
    state: Type.Union([
      Type.Literal('active'),
      Type.Literal('offline'),
      Type.Literal('draining'),
      Type.Literal('quarantined'),
    ]),
    /** Why it is quarantined; null for a device in good standing. */
    quarantine: Nullable(Type.String()),
    labels: Type.Array(Type.String()),
    /** Null until a worker has described it. */
    environment: Nullable(Environment),
    /** SHA-256 of the environment: equal hashes share a table. */
    environmentHash: Nullable(Type.String()),
    registeredAtMs: Type.Number(),
    /** When a worker of this device was last heard of. */
    lastSeenAtMs: Nullable(Type.Number()),
    queue: Type.Object({ waiting: Type.Integer(), leased: Type.Integer() }),
    /** How the table in the present environment met held-out networks when last asked, by target. */
    fidelity: Type.Object({ steady: Nullable(FidelityReportView), cold: Nullable(FidelityReportView) }),
    health: Type.Object({
      /** Newest first. */
      anchors: Type.Array(AnchorReading),
      /** The level that sessions are compared with; null before the first one in this environment. */
      baselineMs: Nullable(Type.Number()),
      /**
       * The noise floor: two figures of this device that differ by a smaller share are indistinguishable. From the
       * noise checks; before the first one from the spread of the anchors. Null with fewer than three sessions.
       */
      noise: Nullable(Type.Number()),
      /** A/A measurements in this environment, the latest first: the same networks in two sessions. */
      noiseChecks: Type.Array(NoiseCheckView),
      /** Of the sessions shown. */
      verdicts: Type.Object({ trusted: Type.Integer(), usable: Type.Integer(), rejected: Type.Integer() }),
    }),
  },
  { $id: 'DeviceView' },
);
export type DeviceView = Static<typeof DeviceView>;

/** `GET /devices/:name/environments`: what the device was when it was measured, the latest first. Each has a table of its own. */
export const DeviceEnvironments = Type.Object(
  {
    device: Type.String(),
    environments: Type.Array(
      Type.Object({
        /** SHA-256 of the facts: names the table in `GET /latency-table?environment=`. */
        hash: Type.String(),
        environment: Environment,
        /** Whether the device is this now. */
        current: Type.Boolean(),
        sessions: Type.Integer(),
        firstSessionAtMs: Type.Number(),
        lastSessionAtMs: Type.Number(),
        /** Ops in its latency table. */
        entryCount: Type.Integer(),
      }),
    ),
  },
  { $id: 'DeviceEnvironments' },
);
export type DeviceEnvironments = Static<typeof DeviceEnvironments>;

export const DeviceList = Type.Object({ devices: Type.Array(DeviceView) }, { $id: 'DeviceList' });
export type DeviceList = Static<typeof DeviceList>;
