import { type Static, Type } from 'typebox';

export const ChangeKind = Type.Union([
  Type.Literal('job'),
  Type.Literal('device'),
  Type.Literal('adaptation'),
]);
export type ChangeKind = Static<typeof ChangeKind>;

/**
 * One event of `GET /events`. It names what changed; the thing itself is read anew where it is shown. The stream begins
 * with an event `reset`, at first and whenever it cannot resume: all that was read before may be old.
 */
export const ChangeEvent = Type.Object(
  {
    atMs: Type.Number(),
    kind: ChangeKind,
    /** Job id, device name, adaptation id. */
    ref: Type.String(),
    /**
     * Of a job or an adaptation: the type of its own event, or the status that it has now. Of a device: `registered`,
     * `changed`, `seen`, `session`.
     */
    type: Type.String(),
    /** Of a job's `progress`: its progress. */
    data: Type.Record(Type.String(), Type.Unknown()),
  },
  { $id: 'ChangeEvent' },
);
export type ChangeEvent = Static<typeof ChangeEvent>;
