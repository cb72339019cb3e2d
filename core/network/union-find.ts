/** Disjoint sets of small integers. A set is known by its least member. */
export class UnionFind {
  private readonly parents: number[] = [];

  /** Adds a set of one and returns its member. */
  add(): number {
    return this.parents.push(this.parents.length) - 1;
  }

  get size(): number {
    return this.parents.length;
  }

  find(member: number): number {
    let root = member;
    while (this.parents[root] !== root) root = this.parents[root]!;
    for (let step = member; step !== root; ) {
      const next = this.parents[step]!;
      this.parents[step] = root;
      step = next;
    }
    return root;
  }

  union(a: number, b: number): void {
    const [low, high] = [this.find(a), this.find(b)].sort((x, y) => x - y) as [number, number];
    this.parents[high] = low;
  }
}
