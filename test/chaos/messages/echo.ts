import { inLanes } from '../../../src/pipeline/lanes.js';
import type { Random } from '../random.js';

const MOST_COPIES = 10;
const CALLERS = 6;

/**
 * Sends each message 1 to 10 times: some copies at the same time as the first, the others whenever later messages are sent or at the end, in another
 * order, from several callers.
 */
export class Echo {
  /** Copies sent, the first of each included. */
  sent = 0;
  /** What a late copy was answered, where it was refused: a repeat may never be. */
  readonly refused: string[] = [];
  readonly #random: Random;
  readonly #late: (() => Promise<unknown>)[] = [];
  readonly #underWay = new Set<Promise<void>>();

  constructor(random: Random) {
    this.#random = random;
  }

  /** @returns what the first copy was answered @throws what it was refused with; no late copy follows it then */
  async send<T>(message: () => Promise<T>): Promise<T> {
    const copies = this.#random.integer(1, MOST_COPIES);
    const atOnce = this.#random.integer(1, copies);
    this.sent += atOnce;
    const answers = Array.from({ length: atOnce }, message);
    const settled = await Promise.allSettled(answers);
    const refused = settled.find((one) => one.status === 'rejected');
    if (refused !== undefined) throw refused.reason;
    for (let left = copies - atOnce; left > 0; left--) this.#late.push(message);
    if (this.#late.length > 0 && this.#random.next() < 0.5) this.#sendLate();
    return (await answers[0]) as T;
  }

  /** Sends what is left, and waits for all of it. */
  async end(): Promise<void> {
    while (this.#late.length > 0) {
      await inLanes(this.#random.shuffled(this.#late.splice(0)), CALLERS, (message) => this.#again(message));
      await Promise.all(this.#underWay);
    }
    await Promise.all(this.#underWay);
  }

  #sendLate(): void {
    const [message] = this.#late.splice(this.#random.integer(0, this.#late.length - 1), 1);
    if (message === undefined) return;
    const sending = this.#again(message).finally(() => this.#underWay.delete(sending));
    this.#underWay.add(sending);
  }

  async #again(message: () => Promise<unknown>): Promise<void> {
    this.sent += 1;
    await message().catch((error: Error) => this.refused.push(error.message));
  }
}
