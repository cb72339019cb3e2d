import type { AdaptationRequest, AdaptationStatus } from '../../contracts/adaptation.js';

export interface AdaptationRow {
  readonly id: string;
  /** Complete: defaults filled in. */
  readonly request: AdaptationRequest;
  readonly status: AdaptationStatus;
  readonly cancelRequested: boolean;
  readonly submittedBy: string | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export interface AdaptationEventRow {
  readonly seq: number;
  readonly atMs: number;
  readonly type: string;
  readonly data: unknown;
}

export type StoredAdaptation = Omit<AdaptationRow, 'request' | 'cancelRequested'> & {
  request: string;
  cancelRequested: number;
};

export const SELECT_ADAPTATION = `
  SELECT id, request, status, cancel_requested AS cancelRequested, submitted_by AS submittedBy, created_at_ms AS createdAtMs,
    updated_at_ms AS updatedAtMs
  FROM adaptation`;

export function toAdaptationRow({ request, cancelRequested, ...row }: StoredAdaptation): AdaptationRow {
  return {
    ...row,
    request: JSON.parse(request) as AdaptationRequest,
    cancelRequested: cancelRequested === 1,
  };
}
