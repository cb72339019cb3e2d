import { type Static, Type } from 'typebox';
import { Check } from './measurement.js';

/**
 * One thing that measuring here depends on. `fail` stops something from working, `warn` makes figures worse,
 * `unobservable` means that this machine does not show it.
 */
export const Finding = Type.Object(
  {
    ...Check.properties,
    /** What to do about it; absent where all is well or nothing helps. */
    mend: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);
export type Finding = Static<typeof Finding>;

/** What `lutra doctor --json` prints. */
export const DoctorReport = Type.Object(
  {
    /** Each engine as a child process of its own ran a small network on it. */
    engines: Type.Array(Finding),
    /** What this machine adds to the figures. */
    machine: Type.Array(Finding),
    /** Programs and room that Lutra needs. */
    installation: Type.Array(Finding),
  },
  { $id: 'DoctorReport', additionalProperties: false },
);
export type DoctorReport = Static<typeof DoctorReport>;
