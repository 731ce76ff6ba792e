/**
 * Lets pieces of work run one at a time, in the order of asking. When the assembler has died, whatever it was working on may be the cause: each of those
 * sources is then tried alone, so that the one that kills it again is known and the others are not set aside with it.
 */
export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.last.then(work);
    this.last = turn.catch(() => undefined);
    return turn;
  }
}
