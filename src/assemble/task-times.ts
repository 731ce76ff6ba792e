/**
 * Since when the tasks of a pool of threads are under way. A pool runs so many at once, in the order in which they came; what waits for its turn is not
 * under way.
 */
export class TaskTimes {
  private readonly started = new Map<object, number>();
  private readonly waiting = new Set<object>();

  constructor(
    private readonly atOnce: number,
    private readonly nowMs: () => number,
  ) {}

  async timed<T>(work: Promise<T>): Promise<T> {
    const task = {};
    this.waiting.add(task);
    this.startNext();
    try {
      return await work;
    } finally {
      this.started.delete(task);
      this.waiting.delete(task); // one that came later may end sooner
      this.startNext();
    }
  }

  /** Milliseconds of the oldest task under way; 0 without one. */
  oldestMs(): number {
    const [first = this.nowMs()] = this.started.values(); // in the order of their starts
    return this.nowMs() - first;
  }

  private startNext(): void {
    for (const task of this.waiting) {
      if (this.started.size >= this.atOnce) return;
      this.waiting.delete(task);
      this.started.set(task, this.nowMs());
    }
  }
}
