import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { ArchiverEvent } from '../../src/events/port.js';
import { distFile } from '../../src/model/package.js';
import type { Archiver } from '../../src/pipeline/archiver.js';
import { quantiles } from '../../src/telemetry/quantiles.js';
import { startWeb } from '../../src/web/server.js';
import type { Asked } from './presence-asker.js';

const INSTRUMENT = 'LSSTComCam';
const WARM = 50;

/** Has a process of its own ask for each file at the moment at which the archiver tells that it was forwarded. */
export class PresenceQuestions {
  private readonly asked: Asked[] = [];
  private questions = 0;

  private constructor(
    private readonly asker: ChildProcess,
    private readonly base: string,
    readonly close: () => Promise<void>,
  ) {
    asker.on('message', (asked: Asked) => this.asked.push(asked));
  }

  static async start(archiver: Archiver): Promise<PresenceQuestions> {
    const web = await startWeb({ host: '127.0.0.1', port: 0, archiver: () => archiver });
    const asker = fork(distFile('bench/ours/presence-asker.js'));
    const close = async () => {
      asker.disconnect();
      await once(asker, 'exit');
      await web.close();
    };
    const questions = new PresenceQuestions(asker, `http://127.0.0.1:${web.port}/presence/${INSTRUMENT}`, close);
    await questions.warmUp();
    archiver.events.subscribe((event) => questions.hear(event));
    return questions;
  }

  /** Who asks has been running for long: its first questions, which load its HTTP client, are not those of an image. */
  private async warmUp(): Promise<void> {
    for (let n = 1; n <= WARM; n++) {
      this.asker.send(`${this.base}/none/0/R22_S11`);
      while (this.asked.length < n) await once(this.asker, 'message');
    }
    this.asked.length = 0;
  }

  /** Milliseconds until the answer, the 99th of 100. @throws when one said that the file is not there */
  async p99(): Promise<number> {
    while (this.asked.length < this.questions) await once(this.asker, 'message');
    const absent = this.asked.find(({ isPresent }) => !isPresent);
    if (absent !== undefined) throw new Error(`${absent.url} was forwarded and is not present`);
    return quantiles(this.asked.map(({ ms }) => ms))?.p99 ?? Number.NaN;
  }

  private hear(event: ArchiverEvent): void {
    if (event.type !== 'imageForwarded' || event.groupId === null) return;
    const { groupId, snap, raft, sensor } = event;
    this.questions++;
    this.asker.send(`${this.base}/${encodeURIComponent(groupId)}/${snap ?? 0}/${raft}_${sensor}`);
  }
}
