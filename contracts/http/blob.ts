import { type Static, Type } from 'typebox';

/** 201 of `PUT /blobs/:sha256` (200 when it was there already). */
export const BlobStored = Type.Object(
  { sha256: Type.String(), bytes: Type.Integer() },
  { $id: 'BlobStored' },
);
export type BlobStored = Static<typeof BlobStored>;
