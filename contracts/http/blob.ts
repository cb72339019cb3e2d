import { type Static, Type } from 'typebox';

/** 201 of `PUT /blobs/:sha256` (200 when it was there already). */
export const BlobStored = Type.Object(
  { sha256: Type.String(), bytes: Type.Integer() },
  { $id: 'BlobStored' },
);
export type BlobStored = Static<typeof BlobStored>;

/** `POST /blobs/collect`. */
export const BlobCollectionRequest = Type.Object(
  {
    /** Blobs used within this time stay, whether something refers to them or not; default a day. */
    graceMs: Type.Optional(Type.Integer({ minimum: 60_000, maximum: 366 * 86_400_000 })),
    /** Only say what would go. */
    dryRun: Type.Optional(Type.Boolean()),
  },
  { $id: 'BlobCollectionRequest', additionalProperties: false },
);
export type BlobCollectionRequest = Static<typeof BlobCollectionRequest>;

export const BlobCollection = Type.Object(
  {
    /** Gone, or with `dryRun` those that would go. */
    deleted: Type.Integer(),
    freedBytes: Type.Integer(),
    kept: Type.Integer(),
    keptBytes: Type.Integer(),
  },
  { $id: 'BlobCollection' },
);
export type BlobCollection = Static<typeof BlobCollection>;
