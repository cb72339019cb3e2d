import { type Static, Type } from 'typebox';
import { JobView } from './job-view.js';

const Jobs = Type.Object({
  /** All of them, listed or not. */
  total: Type.Integer(),
  jobs: Type.Array(JobView),
});

/** `GET /queue`: what is not finished, the next one first; results are left out. */
export const QueueView = Type.Object(
  {
    /** The longest under way first. */
    running: Jobs,
    /** Those before which fewest others come first. */
    waiting: Jobs,
  },
  { $id: 'QueueView' },
);
export type QueueView = Static<typeof QueueView>;

export const QueueQuery = Type.Object(
  {
    /** Only jobs of this device. */
    device: Type.Optional(Type.String({ minLength: 1, maxLength: 64 })),
    /** How many of each are listed. */
    limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
  },
  { additionalProperties: false },
);
export type QueueQuery = Static<typeof QueueQuery>;
