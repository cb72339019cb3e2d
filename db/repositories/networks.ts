import { LutraError } from '../../core/errors.js';
import type { Network } from '../../core/network/network.js';
import type { Database } from '../open-database.js';
import { write } from '../write.js';

/** Network documents by content hash. They were parsed before they came here. */
export class NetworkRepository {
  private readonly document;
  private readonly insert;

  constructor(
    private readonly db: Database,
    private readonly now: () => number = Date.now,
  ) {
    this.document = db.prepare<[string], string>('SELECT document FROM network WHERE hash = ?').pluck();
    this.insert = db.prepare(
      'INSERT INTO network (hash, document, created_at_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    );
  }

  /** Keeps a document; the first of a hash stays. */
  put(network: Network, hash: string): void {
    write(this.db, () => {
      this.insert.run(hash, JSON.stringify(network), this.now());
    });
  }

  find(hash: string): Network | undefined {
    const document = this.document.get(hash);
    return document === undefined ? undefined : (JSON.parse(document) as Network);
  }

  /** @throws LutraError `not-found` */
  get(hash: string): Network {
    const network = this.find(hash);
    if (network === undefined) throw new LutraError('not-found', `there is no network ${hash}`);
    return network;
  }
}
