import { ENTRY_COLUMNS } from './latency-entry.js';

/**
 * Parameters: JSON array of keys, environment. LEFT JOINs keep SQLite from scanning the table: a plain join of a million
 * rows took 292 ms.
 */
export const LOOKUP = `
  SELECT ${ENTRY_COLUMNS}
  FROM json_each(?) AS asked
  LEFT JOIN op ON op.key = asked.value
  LEFT JOIN latency_entry ON latency_entry.environment_id = ? AND latency_entry.op_id = op.id`;

export const ALL_ENTRIES = `
  SELECT ${ENTRY_COLUMNS} FROM latency_entry JOIN op ON op.id = latency_entry.op_id WHERE environment_id = ?`;

export const COUNT = 'SELECT count(*) FROM latency_entry WHERE environment_id = ?';

/** Measurements are only ever added: the latest one dates the table and its calibration. */
export const VERSION = `
  SELECT hash || '-' || coalesce((SELECT max(id) FROM measurement WHERE environment_id = environment.id), 0)
  FROM environment WHERE id = ?`;

const DERIVE = `
  INSERT INTO latency_entry
    (environment_id, op_id, latency_ns, low_ns, high_ns, sample_count, measured_at_ms, measurement_id)
  SELECT environment_id, op_id, latency_ns, low_ns, high_ns, sample_count, measured_at_ms, measurement_id
  FROM counted_measurement
  WHERE environment_id = ? AND subject_kind = 'op' AND standing = 1`;

/** A whole table, which has to be empty. Parameter: environment. */
export const DERIVE_TABLE = DERIVE;

/** One entry; an older one is replaced. Parameters: environment, op. */
export const DERIVE_ENTRY = `${DERIVE} AND op_id = ?
  ON CONFLICT (environment_id, op_id) DO UPDATE SET
    latency_ns = excluded.latency_ns, low_ns = excluded.low_ns, high_ns = excluded.high_ns,
    sample_count = excluded.sample_count, measured_at_ms = excluded.measured_at_ms,
    measurement_id = excluded.measurement_id`;

/** The first anchor that counts; nothing changes where there is a baseline. */
export const DERIVE_BASELINE = `
  INSERT INTO anchor_baseline (environment_id, latency_ns, measurement_id)
  SELECT environment_id, latency_ns, id FROM measurement
  WHERE environment_id = ? AND subject_kind = 'anchor' AND latency_ns IS NOT NULL AND verdict <> 'rejected'
  ORDER BY id LIMIT 1
  ON CONFLICT DO NOTHING`;
