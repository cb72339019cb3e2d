import { type Static, Type } from 'typebox';
import { DeviceName } from './device-view.js';

/**
 * Eight characters of Crockford's base 32 (no I, L, O, U), shown as `ABCD-EFGH`; claimed in either case, with or
 * without the dash.
 */
const PairingCode = Type.String({
  pattern: '^[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{4}-?[0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{4}$',
});

/** 201 of `POST /pairings` (scope submit). The code is shown this once. */
export const Pairing = Type.Object(
  {
    code: Type.String(),
    /** Ten minutes after it was made; it also ends with its first use. */
    expiresAtMs: Type.Number(),
  },
  { $id: 'Pairing' },
);
export type Pairing = Static<typeof Pairing>;

/** `POST /pairings/claim` (public). The code stands in the body, because addresses end up in logs. */
export const PairingClaim = Type.Object(
  {
    code: PairingCode,
    /** Name that the new device will have; refused with `conflict` when it is taken, which leaves the code valid. */
    device: DeviceName,
  },
  { $id: 'PairingClaim', additionalProperties: false },
);
export type PairingClaim = Static<typeof PairingClaim>;

/** 201 of `POST /pairings/claim`: a token of scope device, bound to the name. `POST /devices` with it comes next. */
export const PairedDevice = Type.Object(
  { device: Type.String(), token: Type.String() },
  { $id: 'PairedDevice' },
);
export type PairedDevice = Static<typeof PairedDevice>;
