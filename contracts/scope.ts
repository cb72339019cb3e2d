import { type Static, Type } from 'typebox';

/**
 * What a token allows. `read`: look at everything; `submit`: also measure, adapt and cancel; `device`: take work, hand
 * results in; `admin`: all of it, and registering and draining devices.
 */
export const Scope = Type.Union([
  Type.Literal('read'),
  Type.Literal('submit'),
  Type.Literal('device'),
  Type.Literal('admin'),
]);
export type Scope = Static<typeof Scope>;

/** What a scope includes besides itself. */
export const IMPLIED_SCOPES: Readonly<Record<Scope, readonly Scope[]>> = {
  read: ['read'],
  submit: ['read', 'submit'],
  device: ['device'],
  admin: ['read', 'submit', 'device', 'admin'],
};
