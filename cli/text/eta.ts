/** A guess at the time left, from the pace of the last while. */
export class Eta {
  private readonly marks: { readonly atMs: number; readonly share: number }[] = [];

  /**
   * @param windowMs how far back the pace is looked at: long enough for uneven steps, short enough to notice a change
   */
  constructor(private readonly windowMs = 60_000) {}

  /**
   * @param share of the work done, 0 to 1
   * @param nowMs a clock that only goes forward
   * @returns milliseconds left, null while there is nothing to go by
   */
  update(share: number, nowMs: number): number | null {
    const last = this.marks.at(-1);
    // Work that grew takes the share back; the pace before that says nothing any more.
    if (last !== undefined && share < last.share) this.marks.length = 0;
    this.marks.push({ atMs: nowMs, share });
    while (this.marks.length > 2 && nowMs - this.marks[1]!.atMs >= this.windowMs) this.marks.shift();
    const first = this.marks[0]!;
    const gained = share - first.share;
    const spentMs = nowMs - first.atMs;
    if (gained <= 0 || spentMs < 500) return null;
    return ((1 - share) * spentMs) / gained;
  }
}
