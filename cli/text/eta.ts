interface Mark {
  readonly atMs: number;
  readonly done: number;
}

/** Less than this share gained says nothing of the pace: the first steps of a run are not like the rest. */
const LEAST_GAIN = 0.03;

/** A guess at the time left, from the pace since the start and that of the last while: the slower of them counts. */
export class Eta {
  private marks: readonly Mark[] = [];
  private first: Mark | undefined;

  /**
   * @param windowMs how far back the recent pace is looked at: long enough for uneven steps, short enough to notice a
   * change
   */
  constructor(private readonly windowMs = 60_000) {}

  /**
   * Reckons anew whenever something was done, and counts down in between.
   * @param done so far, in units of equal duration
   * @param total of done and what is to come; may change
   * @param nowMs a clock that only goes forward
   * @returns milliseconds left, null while there is nothing to go by or the guess has run out
   */
  update(done: number, total: number, nowMs: number): number | null {
    const now = { atMs: nowMs, done };
    const last = this.marks.at(-1);
    // What is done does not become undone, unless another run is looked at.
    if (last === undefined || done < last.done) [this.first, this.marks] = [now, [now]];
    else if (done > last.done) this.marks = this.within([...this.marks, now]);
    const latest = this.marks.at(-1)!;
    const [start, recent] = [this.first!, this.marks[0]!];
    if (total <= 0 || latest.done - start.done < LEAST_GAIN * total) return null;
    const leftThenMs = Math.max(...[start, recent].map((mark) => msLeft(mark, latest, total)));
    const leftMs = leftThenMs - (nowMs - latest.atMs);
    return leftMs > 0 ? leftMs : null;
  }

  private within(marks: readonly Mark[]): readonly Mark[] {
    const latest = marks.at(-1)!;
    const oldest = marks.findLastIndex((mark) => latest.atMs - mark.atMs >= this.windowMs);
    return oldest === -1 ? marks : marks.slice(oldest);
  }
}

/** At the pace between two marks; 0 where they show none. */
function msLeft(from: Mark, to: Mark, total: number): number {
  return to.done > from.done ? ((total - to.done) * (to.atMs - from.atMs)) / (to.done - from.done) : 0;
}
