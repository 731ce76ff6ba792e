const WIDTH = 40;

/** A bar on stderr, drawn only where a person sees it: on a terminal, and not before a second has passed. */
export class Progress {
  private readonly start = performance.now();
  private drawn = '';

  constructor(private readonly what: string) {}

  show(done: number, of: number): void {
    if (!process.stderr.isTTY || performance.now() - this.start < 1000) return;
    const part = of === 0 ? 1 : done / of;
    const bar = '#'.repeat(Math.round(part * WIDTH)).padEnd(WIDTH, '.');
    const line = `${this.what} [${bar}] ${Math.round(part * 100)} %`;
    if (line === this.drawn) return;
    this.drawn = line;
    process.stderr.write(`\r${line}`);
  }

  /** Removes the bar. */
  end(): void {
    if (this.drawn !== '') process.stderr.write(`\r${' '.repeat(this.drawn.length)}\r`);
    this.drawn = '';
  }
}
