import { type Static, Type } from 'typebox';
import { Scope } from '../scope.js';

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/**
 * `POST /session`: a page exchanges a token for an HttpOnly cookie, because an EventSource cannot send a header and a
 * script should not keep a secret.
 */
export const SessionRequest = Type.Object(
  { token: Type.String({ minLength: 1, maxLength: 200 }) },
  { $id: 'SessionRequest', additionalProperties: false },
);
export type SessionRequest = Static<typeof SessionRequest>;

/** `GET /session`, `POST /session`: who the caller is. */
export const SessionView = Type.Object(
  {
    /** False: nobody, and a token is needed for everything but this. */
    authenticated: Type.Boolean(),
    /** Name of the token; `local` for this machine while no token was made. */
    name: Nullable(Type.String()),
    scopes: Type.Array(Scope),
    /** The one device that the token may act for; null: any. */
    device: Nullable(Type.String()),
  },
  { $id: 'SessionView' },
);
export type SessionView = Static<typeof SessionView>;
