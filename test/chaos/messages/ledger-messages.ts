import type { SqliteLedger } from '../../../src/stage/ledger/client.js';
import type { FileRow, ImageRow, ImageStart, Job } from '../../../src/stage/port.js';

/** One message of the pipeline to ledger or queue. It may be sent too early: then it is refused, and sent again. */
export interface Message {
  readonly name: string;
  readonly send: () => Promise<unknown>;
}

export interface Receivers {
  readonly ledger: SqliteLedger;
  /** Adds jobs at one of several callers. */
  readonly add: (jobs: readonly Job[]) => Promise<void>;
}

/** What the pipeline says of an image until it closes it. Jobs come by themselves too: those of files that nobody knows yet, or that are not sealed. */
export function messagesOf(row: ImageRow, { ledger, add }: Receivers): Message[] {
  const { obsid, files } = row;
  const start = startOf(row);
  return [
    { name: `begin ${obsid}`, send: () => ledger.beginImage(start) },
    { name: `metadata ${obsid}`, send: () => fixedOnce(ledger, obsid) },
    ...files.flatMap((file) => fileMessages(file, { ledger, add })),
  ];
}

/** Once it was told of every file. */
export function closingOf({ obsid }: ImageRow, { ledger }: Receivers): Message {
  return { name: `close ${obsid}`, send: () => ledger.closeImage(obsid) };
}

function fileMessages(row: FileRow, { ledger, add }: Receivers): Message[] {
  const { file } = row;
  const { seal: _, state: __, deliveries, instrument: ___, ...written } = row;
  const targets = deliveries.map(({ target }) => target);
  const what = `${file.obsid} ${file.sensor} ${file.product}`;
  return [
    { name: `written ${what}`, send: () => ledger.recordWritten({ ...written, targets }) },
    { name: `seal ${what}`, send: () => add([{ kind: 'seal', file }]) },
    ...targets.map((target) => ({ name: `${target} ${what}`, send: () => add([{ kind: 'deliver', file, target }]) })),
  ];
}

function startOf({ obsid, tag, camera, instrument, createdAt, files }: ImageRow): ImageStart {
  const expected = files.map(({ file: { raft, sensor, product } }) => ({ raft, sensor, product }));
  return { obsid, tag, camera, instrument, createdAt, expected };
}

let callers = 0;

/** Every caller brings a text of its own; whoever comes first is right. */
async function fixedOnce(ledger: SqliteLedger, obsid: string): Promise<void> {
  callers += 1;
  const kept = await ledger.fixMetadata(obsid, 1, JSON.stringify({ obsid, caller: callers }));
  if ((await ledger.fixedMetadata(obsid, 1)) !== kept) throw new Error(`the metadata of ${obsid} were fixed twice`);
}
