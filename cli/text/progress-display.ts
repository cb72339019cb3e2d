import { duration } from '../../charts/text/figures.js';
import type { Sink } from '../output.js';
import { Eta } from './eta.js';

export interface Progress {
  /** What is being done: a new phase starts a new line. */
  readonly phase: string;
  readonly done: number;
  /** 0 while it is not known. */
  readonly total: number;
  readonly note?: string;
}

/** Plain lines come no more often than this, unless the phase changes. */
const PLAIN_INTERVAL_MS = 10_000;
/** A phase that was over sooner leaves no line behind. */
const NOTABLE_MS = 1_000;
const BAR_WIDTH = 24;

/** On a terminal one line that is written over, with a bar and the time left; elsewhere a plain line now and then. */
export class ProgressDisplay {
  private eta = new Eta();
  private phase: string | undefined;
  private phaseStartedAtMs = 0;
  private lastPlainAtMs = 0;
  private lastPlain = '';
  private lineIsOpen = false;

  constructor(
    private readonly sink: Sink,
    private readonly nowMs: () => number,
  ) {}

  update(progress: Progress): void {
    const nowMs = this.nowMs();
    const isNewPhase = progress.phase !== this.phase;
    if (isNewPhase) this.beginPhase(progress.phase, nowMs);
    const share = progress.total > 0 ? Math.min(1, progress.done / progress.total) : 0;
    const leftMs = this.eta.update(progress.done, progress.total, nowMs);
    if (this.sink.isTTY === true)
      this.overwrite(terminalLine(progress, share, leftMs, this.sink.columns ?? 80));
    else this.plain(plainLine(progress, share, leftMs), isNewPhase, nowMs);
  }

  /** Ends the open line, so that other text can follow. What comes next is other work, at a pace of its own. */
  finish(): void {
    if (this.lineIsOpen) this.sink.write('\n');
    this.lineIsOpen = false;
    this.phase = undefined;
    this.eta = new Eta();
  }

  private beginPhase(phase: string, nowMs: number): void {
    const tookMs = nowMs - this.phaseStartedAtMs;
    if (this.lineIsOpen && this.phase !== undefined && tookMs >= NOTABLE_MS) {
      this.overwrite(`${this.phase}: done in ${duration(tookMs)}`);
      this.sink.write('\n');
      this.lineIsOpen = false;
    }
    this.phase = phase;
    this.phaseStartedAtMs = nowMs;
  }

  private overwrite(line: string): void {
    this.sink.write(`\r\u001b[K${line.replaceAll('\u00a0', ' ')}`);
    this.lineIsOpen = true;
  }

  private plain(line: string, isNewPhase: boolean, nowMs: number): void {
    if (!isNewPhase && nowMs - this.lastPlainAtMs < PLAIN_INTERVAL_MS) return;
    if (line === this.lastPlain) return;
    this.lastPlain = line;
    this.lastPlainAtMs = nowMs;
    this.sink.write(`${line.replaceAll('\u00a0', ' ')}\n`);
  }
}

function terminalLine(progress: Progress, share: number, leftMs: number | null, columns: number): string {
  const filled = Math.round(share * BAR_WIDTH);
  const bar = `${'━'.repeat(filled)}${'─'.repeat(BAR_WIDTH - filled)}`;
  const line = `${progress.phase}  ${progress.total > 0 ? `${bar} ` : ''}${rest(progress, share, leftMs)}`;
  return line.length < columns ? line : `${line.slice(0, columns - 2)}…`;
}

function plainLine(progress: Progress, share: number, leftMs: number | null): string {
  return `${progress.phase}: ${rest(progress, share, leftMs)}`;
}

function rest({ done, total, note }: Progress, share: number, leftMs: number | null): string {
  const parts = [
    total > 0 ? `${Math.floor(share * 100)} %` : done > 0 ? String(done) : '',
    leftMs === null || share >= 1 ? '' : `about ${duration(Math.max(1000, leftMs))} left`,
    note ?? '',
  ];
  const text = parts.filter((part) => part !== '').join(' · ');
  return text === '' ? 'under way' : text;
}
