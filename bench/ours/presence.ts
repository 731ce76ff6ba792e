import type { ArchiverEvent } from '../../src/events/port.js';
import type { Archiver } from '../../src/pipeline/archiver.js';
import { quantiles } from '../../src/telemetry/quantiles.js';
import { startWeb } from '../../src/web/server.js';

const INSTRUMENT = 'LSSTComCam';

/** Asks for each file at the moment at which the archiver tells that it was forwarded, over HTTP, as prompt processing does. */
export class PresenceQuestions {
  private readonly answers: Promise<number>[] = [];

  private constructor(
    private readonly base: string,
    readonly close: () => Promise<void>,
  ) {}

  static async start({ events, status, presence }: Archiver): Promise<PresenceQuestions> {
    const web = await startWeb({ host: '127.0.0.1', port: 0, status, presence: () => presence });
    const questions = new PresenceQuestions(`http://127.0.0.1:${web.port}/presence/${INSTRUMENT}`, () => web.close());
    events.subscribe((event) => questions.hear(event));
    return questions;
  }

  /** Milliseconds until the answer, the 99th of 100. @throws when one said that the file is not there */
  async p99(): Promise<number> {
    return quantiles(await Promise.all(this.answers))?.p99 ?? Number.NaN;
  }

  private hear(event: ArchiverEvent): void {
    if (event.type !== 'imageForwarded' || event.groupId === null) return;
    const { groupId, snap, raft, sensor } = event;
    this.answers.push(this.ask(`${encodeURIComponent(groupId)}/${snap ?? 0}/${raft}_${sensor}`));
  }

  private async ask(path: string): Promise<number> {
    const start = performance.now();
    const answer = await fetch(`${this.base}/${path}`);
    const { present } = (await answer.json()) as { present?: boolean };
    const ms = performance.now() - start;
    if (present !== true) throw new Error(`${path} was forwarded and is not present`);
    return ms;
  }
}
