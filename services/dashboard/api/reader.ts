/** After a failure that may pass: soon at first, then ever more seldom. */
const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;

/** Reads one thing again and again: never twice at a time, and not while nobody sees the page. */
export class Reader {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private dueMs = Number.POSITIVE_INFINITY;
  private begunMs = Number.NEGATIVE_INFINITY;
  private isReading = false;
  private isOver = false;
  private failures = 0;

  /**
   * @param read whether it went well; `failed`: the same may go well later
   * @param everyMs reads anew this long after it last did, whatever happens
   */
  constructor(
    private readonly read: () => Promise<'done' | 'failed'>,
    private readonly everyMs = Number.POSITIVE_INFINITY,
  ) {
    void this.begin();
  }

  /** Reads as soon as the last reading began this long ago; of several wishes the first to come due. */
  again(gapMs: number): void {
    const dueMs = Math.max(this.begunMs + gapMs, performance.now());
    if (this.isOver || dueMs >= this.dueMs) return;
    clearTimeout(this.timer);
    this.dueMs = dueMs;
    // A reading under way may have missed what happened: its end begins the next one.
    if (!this.isReading) this.wait();
  }

  stop(): void {
    this.isOver = true;
    clearTimeout(this.timer);
  }

  private wait(): void {
    if (this.dueMs === Number.POSITIVE_INFINITY) return;
    this.timer = setTimeout(() => this.ring(), Math.max(0, this.dueMs - performance.now()));
  }

  private ring(): void {
    this.dueMs = Number.POSITIVE_INFINITY;
    // Once it is seen again, everything is read anew.
    if (!document.hidden) void this.begin();
  }

  private async begin(): Promise<void> {
    this.isReading = true;
    this.begunMs = performance.now();
    const outcome = await this.read();
    if (this.isOver) return;
    this.failures = outcome === 'failed' ? this.failures + 1 : 0;
    this.again(this.everyMs);
    if (outcome === 'failed') this.again(retryMs(this.failures));
    this.isReading = false;
    this.wait();
  }
}

function retryMs(failures: number): number {
  return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1));
}
