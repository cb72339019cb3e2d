import { sharedShare } from '../../../core/measurement/spin-shares.js';
import { MAX_LOST_SHARE } from '../../../core/measurement/visit-class.js';
import { type ParallelPieces, probeSharing } from './sibling-probe.js';

/** Two dozen pieces: enough for a middle that stays. */
const READING_MS = 0.06;

/** Of the time since the visits began, and more at their beginning: half as long again as the visits themselves take. */
const WAITING = { share: 0.6, plusMs: 200 } as const;

/**
 * Sees what a sibling thread takes of the core before and after visits, and lets visits wait for it to go: a busy one comes
 * and goes within a second. Where waiting has taken more than half of the time, they begin all the same.
 */
export class SiblingWatch {
  private readonly startMs = performance.now();
  private fastestNs = Number.POSITIVE_INFINITY;
  private waitedMs = 0;
  private beforeNs = 0;

  /** @param probe reads parallel work for so many milliseconds */
  constructor(private readonly probe: (durationMs: number) => ParallelPieces = probeSharing) {}

  /** Right before a visit. */
  begin(): void {
    this.beforeNs = this.read();
    const fromMs = performance.now();
    while (this.isShared(this.beforeNs) && this.mayWait(fromMs)) this.beforeNs = this.read();
    this.waitedMs += performance.now() - fromMs;
  }

  /** Right after it. */
  end(): { readonly parallelNs: number; readonly sharedShare: number } {
    const parallelNs = Math.round((this.beforeNs + this.read()) * 5) / 10;
    return { parallelNs, sharedShare: sharedShare(parallelNs, this.fastestNs) };
  }

  private read(): number {
    const { fastestNs, usualNs } = this.probe(READING_MS);
    this.fastestNs = Math.min(this.fastestNs, fastestNs);
    return usualNs;
  }

  private isShared(parallelNs: number): boolean {
    return sharedShare(parallelNs, this.fastestNs) > MAX_LOST_SHARE;
  }

  private mayWait(fromMs: number): boolean {
    const nowMs = performance.now();
    return this.waitedMs + (nowMs - fromMs) < WAITING.plusMs + WAITING.share * (nowMs - this.startMs);
  }
}
