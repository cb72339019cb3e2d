import type { DTypeName, Environment } from '../../contracts/environment.js';
import { LutraError } from '../../core/errors.js';
import { canonicalHash, canonicalJson } from '../canonical-json.js';
import type { Database } from '../open-database.js';
import { write } from '../write.js';
import { type DeviceHealth, readDeviceHealth } from './device-health.js';

export type DeviceState = 'active' | 'draining';

/** How the device's worker opens its runtime. */
export interface DeviceOptions {
  readonly threads: number;
  /** Default float32. */
  readonly dtype?: DTypeName;
  readonly runtimeOptions?: Readonly<Record<string, unknown>>;
}

export interface DeviceRow {
  readonly id: number;
  readonly name: string;
  readonly runtime: string;
  readonly options: DeviceOptions & { readonly dtype: DTypeName };
  readonly state: DeviceState;
  /** Why it gets no work until someone resumes it; null for a device in good standing. */
  readonly quarantine: string | null;
  /** Classes that it belongs to. */
  readonly labels: readonly string[];
  /** Null until a worker has described the device. */
  readonly environmentId: number | null;
  readonly environmentHash: string | null;
  readonly environment: Environment | null;
  readonly registeredAtMs: number;
  readonly lastSeenAtMs: number | null;
}

interface Stored {
  id: number;
  name: string;
  runtime: string;
  options: string;
  state: DeviceState;
  quarantine: string | null;
  labels: string;
  environmentId: number | null;
  environmentHash: string | null;
  facts: string | null;
  registeredAtMs: number;
  lastSeenAtMs: number | null;
}

const SELECT = `
  SELECT device.id, name, runtime, options, state, quarantine, labels, environment_id AS environmentId, hash AS environmentHash, facts,
    registered_at_ms AS registeredAtMs, last_seen_at_ms AS lastSeenAtMs
  FROM device LEFT JOIN environment ON environment.id = device.environment_id`;

/** What a session says of the device's anchor. */
export interface AnchorCheck {
  readonly jobId: string | null;
  readonly failed: boolean;
  readonly detail: string;
}

/** Sessions that are looked at before a device is put into quarantine. */
const RECENT_SESSIONS = 10;

/** Also part of a queue's name, `device.<name>`. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** Devices and the environments they were seen in. */
export class DeviceRepository {
  private readonly byName;
  private readonly all;

  constructor(
    private readonly db: Database,
    private readonly now: () => number = Date.now,
  ) {
    this.byName = db.prepare<[string], Stored>(`${SELECT} WHERE name = ?`);
    this.all = db.prepare<[], Stored>(`${SELECT} ORDER BY name`);
  }

  /**
   * Adds a device, or gives a known one other options. When they change what is measured, its environment is unknown
   * until a worker describes it anew; tables of earlier environments stay.
   * @throws LutraError `invalid-request` for a name that a queue or a path could not carry
   */
  register(device: { name: string; runtime: string; options: DeviceOptions }): DeviceRow {
    if (!NAME.test(device.name)) {
      throw new LutraError(
        'invalid-request',
        `device name '${device.name}': expected 1 to 64 of A–Z a–z 0–9 . _ - starting with a letter or digit`,
        { pointer: '/name' },
      );
    }
    return write(this.db, () => {
      this.db
        .prepare(
          `INSERT INTO device (name, runtime, options, registered_at_ms) VALUES (:name, :runtime, :options, :now)
           ON CONFLICT (name) DO UPDATE SET runtime = :runtime, options = :options, environment_id = NULL
           WHERE runtime <> :runtime OR options <> :options`,
        )
        .run({ ...device, options: canonicalJson(storedOptions(device.options)), now: this.now() });
      return this.get(device.name);
    });
  }

  find(name: string): DeviceRow | undefined {
    const stored = this.byName.get(name);
    return stored && toRow(stored);
  }

  /** @throws LutraError `unknown-device` */
  get(name: string): DeviceRow {
    const device = this.find(name);
    if (device !== undefined) return device;
    throw new LutraError('unknown-device', `no device named '${name}' is registered`, { pointer: '/device' });
  }

  /** By name. */
  list(): readonly DeviceRow[] {
    return this.all.all().map(toRow);
  }

  /** @throws LutraError `unknown-device` */
  drain(name: string): DeviceRow {
    return write(this.db, () => {
      this.db.prepare("UPDATE device SET state = 'draining' WHERE name = ?").run(name);
      return this.get(name);
    });
  }

  /**
   * Ends drain and quarantine. The sessions so far do not count against the device any more.
   * @throws LutraError `unknown-device`
   */
  resume(name: string): DeviceRow {
    return write(this.db, () => {
      this.db
        .prepare(
          `UPDATE device SET state = 'active', quarantine = NULL,
             forgiven_session_id = coalesce((SELECT max(id) FROM session WHERE device_id = device.id), 0)
           WHERE name = ?`,
        )
        .run(name);
      return this.get(name);
    });
  }

  /** Gives the device no more work, until someone resumes it. */
  quarantine(name: string, reason: string): void {
    write(this.db, () => {
      this.db.prepare('UPDATE device SET quarantine = ? WHERE name = ?').run(reason, name);
    });
  }

  /** The anchor in the device's sessions since it was last resumed, the latest first. */
  recentAnchorChecks(name: string): readonly AnchorCheck[] {
    return this.db
      .prepare<[string, number], { jobId: string | null; state: string; detail: string }>(
        `SELECT job_id AS jobId, json_extract(value, '$.state') AS state, json_extract(value, '$.detail') AS detail
         FROM session JOIN device ON device.id = session.device_id, json_each(session.checks)
         WHERE device.name = ? AND session.id > device.forgiven_session_id AND json_extract(value, '$.name') = 'anchor'
         ORDER BY session.id DESC LIMIT ?`,
      )
      .all(name, RECENT_SESSIONS)
      .map(({ jobId, state, detail }) => ({ jobId, failed: state === 'fail', detail }));
  }

  /** Replaces the classes that the device belongs to. @throws LutraError `unknown-device` */
  setLabels(name: string, labels: readonly string[]): DeviceRow {
    return write(this.db, () => {
      const sorted = JSON.stringify([...new Set(labels)].sort());
      this.db.prepare('UPDATE device SET labels = ? WHERE name = ?').run(sorted, name);
      return this.get(name);
    });
  }

  /** Notes that a worker of the device is alive. */
  touch(name: string): void {
    write(this.db, () => {
      this.db.prepare('UPDATE device SET last_seen_at_ms = ? WHERE name = ?').run(this.now(), name);
    });
  }

  /**
   * How steady the device was: its anchors and verdicts, the latest sessions first.
   * @param limit sessions to look back
   * @throws LutraError `unknown-device`
   */
  health(name: string, limit = 50): DeviceHealth {
    return readDeviceHealth(this.db, this.get(name).id, limit);
  }

  /**
   * Notes the environment that a worker found the device in; from now on its table is the one of this environment.
   * @throws LutraError `unknown-device`
   */
  setEnvironment(name: string, environment: Environment): { readonly id: number; readonly hash: string } {
    const hash = canonicalHash(environment);
    return write(this.db, () => {
      this.db
        .prepare(
          'INSERT INTO environment (hash, facts, created_at_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
        )
        .run(hash, canonicalJson(environment), this.now());
      const id = this.db
        .prepare<[string], number>('SELECT id FROM environment WHERE hash = ?')
        .pluck()
        .get(hash)!;
      const known = this.db
        .prepare('UPDATE device SET environment_id = ?, last_seen_at_ms = ? WHERE name = ?')
        .run(id, this.now(), name);
      if (known.changes === 0) this.get(name);
      return { id, hash };
    });
  }
}

/** Devices from before there was a choice have no element type: float32 stays unsaid, so that they stay equal. */
function storedOptions({ dtype, ...options }: DeviceOptions): object {
  return dtype === 'float32' ? options : { ...options, dtype };
}

function readOptions(stored: string): DeviceRow['options'] {
  const options = JSON.parse(stored) as DeviceOptions;
  return { ...options, dtype: options.dtype ?? 'float32' };
}

function toRow({ options, labels, facts, ...row }: Stored): DeviceRow {
  return {
    ...row,
    labels: JSON.parse(labels) as string[],
    options: readOptions(options),
    environment: facts === null ? null : (JSON.parse(facts) as Environment),
  };
}
