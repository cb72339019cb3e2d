import { type Static, Type } from 'typebox';

/** `GET /healthz`: the process answers. */
export const Liveness = Type.Object({ status: Type.Literal('ok') }, { $id: 'Liveness' });
export type Liveness = Static<typeof Liveness>;

const ReadinessCheck = Type.Object({ name: Type.String(), ok: Type.Boolean(), detail: Type.String() });

/** `GET /readyz`: 200 when database and queue answer, else 503. Workers are reported, never required. */
export const Readiness = Type.Object(
  {
    ready: Type.Boolean(),
    checks: Type.Array(ReadinessCheck),
    /** Devices, with when their worker was last heard of. */
    workers: Type.Array(
      Type.Object({ device: Type.String(), lastSeenAtMs: Type.Union([Type.Number(), Type.Null()]) }),
    ),
  },
  { $id: 'Readiness' },
);
export type Readiness = Static<typeof Readiness>;
