import type { AdaptationView } from '../../contracts/adaptation.js';
import type { AdaptationRow } from '../../db/repositories/adaptation-row.js';
import type { AdaptationRepository } from '../../db/repositories/adaptations.js';
import type { JobRepository } from '../../db/repositories/jobs.js';
import { type ShownRun, showRun, viewOfRun } from './adaptation-view.js';

/** Runs that are looked at in turns; each is some hundred kilobytes. */
const HELD = 16;

/** Views of runs, folded anew only when something happened to a run: pages ask again and again while it trains. */
export class AdaptationViews {
  /** The one asked for last stands last. */
  private readonly held = new Map<string, { readonly lastSeq: number; readonly run: ShownRun }>();

  constructor(
    private readonly adaptations: AdaptationRepository,
    private readonly jobs: JobRepository,
  ) {}

  of(row: AdaptationRow): AdaptationView {
    return viewOfRun(row, this.shown(row), this.jobs.stepsUnderWay(row.id));
  }

  private shown({ id, request }: AdaptationRow): ShownRun {
    const lastSeq = this.adaptations.lastSeq(id);
    const before = this.held.get(id);
    const run = before?.lastSeq === lastSeq ? before.run : showRun(request, this.adaptations.events(id, 0));
    this.held.delete(id);
    this.held.set(id, { lastSeq, run });
    const [oldest] = this.held.keys();
    if (this.held.size > HELD) this.held.delete(oldest!);
    return run;
  }
}
