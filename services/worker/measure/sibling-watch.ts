import { sharedShare } from '../../../core/measurement/spin-shares.js';
import { MAX_LOST_SHARE } from '../../../core/measurement/visit-class.js';
import { type ParallelPieces, probeSharing } from './sibling-probe.js';

/** Two dozen pieces: enough for a middle that stays. */
const READING_MS = 0.08;

/** Of the time since the first visit, and more at the beginning: half as long again as the visits themselves take. */
const WAITING = { share: 0.6, plusMs: 200 } as const;
/** A supervisor hears nothing meanwhile, and takes a child for hung that stays silent. */
const LONGEST_WAIT_MS = 2_000;

/**
 * Sees what a sibling thread takes of the core before and after visits, and other readings of a session, and lets them wait
 * for it to go: a busy one comes and goes within a second. Where one wait takes longer, or waiting has taken more than half
 * of the time, they begin all the same.
 */
export class SiblingWatch {
  private startMs: number | null = null;
  private leastRatio = Number.POSITIVE_INFINITY;
  private waitedMs = 0;
  private before = 0;

  /**
   * @param probe reads parallel work for so many milliseconds
   * @param now the time, in milliseconds
   */
  constructor(
    private readonly probe: (durationMs: number) => ParallelPieces = probeSharing,
    private readonly now = () => performance.now(),
  ) {}

  /** Right before a visit, or a reading. */
  begin(): void {
    this.before = this.read();
    const fromMs = this.now();
    this.startMs ??= fromMs;
    while (this.isShared(this.before) && this.mayWait(fromMs)) this.before = this.read();
    this.waitedMs += this.now() - fromMs;
  }

  /** Right after it. */
  end(): { readonly parallelRatio: number; readonly sharedShare: number } {
    const parallelRatio = Math.round((this.before + this.read()) * 5e3) / 1e4;
    return { parallelRatio, sharedShare: sharedShare(parallelRatio, this.leastRatio) };
  }

  private read(): number {
    const { leastRatio, usualRatio } = this.probe(READING_MS);
    this.leastRatio = Math.min(this.leastRatio, leastRatio);
    return usualRatio;
  }

  private isShared(parallelRatio: number): boolean {
    return sharedShare(parallelRatio, this.leastRatio) > MAX_LOST_SHARE;
  }

  private mayWait(fromMs: number): boolean {
    const nowMs = this.now();
    const waitsMs = nowMs - fromMs;
    const allowedMs = WAITING.plusMs + WAITING.share * (nowMs - (this.startMs ?? nowMs));
    return waitsMs < LONGEST_WAIT_MS && this.waitedMs + waitsMs < allowedMs;
  }
}
