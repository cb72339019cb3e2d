import { type Static, Type } from 'typebox';
import { Scope } from './scope.js';

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

/**
 * Work on a data folder that cannot go through the api: the first token comes before any api access, a backup is read
 * and restored where no api may run. The command line starts `services/maintain` with one of these as JSON; it answers
 * with one line of JSON.
 */
export const MaintenanceRequest = Type.Union([
  Type.Object({
    command: Type.Literal('create-token'),
    dataDirectory: Type.String(),
    name: Type.String({ minLength: 1, maxLength: 64 }),
    scope: Scope,
    /** With scope `device`: the one device that it may act for; null: any. */
    device: Nullable(Type.String({ minLength: 1, maxLength: 64 })),
    expiresAtMs: Nullable(Type.Number()),
    /** Write the token here, readable by this user only, and answer without it; keep what is there if it is valid. */
    outFile: Nullable(Type.String()),
  }),
  Type.Object({ command: Type.Literal('list-tokens'), dataDirectory: Type.String() }),
  Type.Object({ command: Type.Literal('revoke-token'), dataDirectory: Type.String(), id: Type.String() }),
  Type.Object({ command: Type.Literal('backup'), dataDirectory: Type.String(), file: Type.String() }),
  Type.Object({ command: Type.Literal('restore'), dataDirectory: Type.String(), file: Type.String() }),
]);
export type MaintenanceRequest = Static<typeof MaintenanceRequest>;

/** A token as the command line lists it; its secret is nowhere. */
export interface TokenView {
  readonly id: string;
  readonly name: string;
  readonly scope: Scope;
  readonly device: string | null;
  readonly createdAtMs: number;
  readonly expiresAtMs: number | null;
  readonly revokedAtMs: number | null;
}

export interface TokenCreated {
  /** Null: it is in `outFile`. */
  readonly text: string | null;
  readonly token: TokenView;
}

export interface BackupView {
  readonly file: string;
  readonly bytes: number;
  readonly blobs: number;
}

export interface RestoreView {
  readonly dataDirectory: string;
  readonly blobs: number;
}

/** What each command answers with. */
export interface MaintenanceAnswers {
  readonly 'create-token': TokenCreated;
  readonly 'list-tokens': readonly TokenView[];
  readonly 'revoke-token': TokenView;
  readonly backup: BackupView;
  readonly restore: RestoreView;
}
