interface Mark {
  readonly atMs: number;
  readonly share: number;
}

/** Too little gained says nothing of the pace: the first steps of a run are not like the rest. */
const LEAST_GAIN = 0.03;

/** A guess at the time left, from the pace of the last while. */
export class Eta {
  private marks: readonly Mark[] = [];

  /**
   * @param windowMs how far back the pace is looked at: long enough for uneven steps, short enough to notice a change
   */
  constructor(private readonly windowMs = 60_000) {}

  /**
   * Reckons anew whenever something was gained, and counts down in between.
   * @param share of the work done, 0 to 1
   * @param nowMs a clock that only goes forward
   * @returns milliseconds left, null while there is nothing to go by or the guess has run out
   */
  update(share: number, nowMs: number): number | null {
    const last = this.marks.at(-1);
    // Work that grew takes the share back; the pace before that says nothing any more.
    if (last === undefined || share < last.share) this.marks = [{ atMs: nowMs, share }];
    else if (share > last.share) this.marks = this.within([...this.marks, { atMs: nowMs, share }]);
    const first = this.marks[0];
    const latest = this.marks.at(-1);
    if (first === undefined || latest === undefined || latest.share - first.share < LEAST_GAIN) return null;
    const leftThenMs = ((1 - latest.share) * (latest.atMs - first.atMs)) / (latest.share - first.share);
    const leftMs = leftThenMs - (nowMs - latest.atMs);
    return leftMs > 0 ? leftMs : null;
  }

  private within(marks: readonly Mark[]): readonly Mark[] {
    const latest = marks.at(-1);
    if (latest === undefined) return marks;
    const oldest = marks.findLastIndex((mark) => latest.atMs - mark.atMs >= this.windowMs);
    return oldest === -1 ? marks : marks.slice(oldest);
  }
}
