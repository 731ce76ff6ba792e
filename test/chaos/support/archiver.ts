import { composeArchiver } from '../../../src/compose.js';
import { type ConfigInput, loadConfig } from '../../../src/config.js';
import type { DaqAddress } from '../../../src/daq/address.js';
import type { ArchiverError } from '../../../src/model/errors.js';
import type { Archiver } from '../../../src/pipeline/archiver.js';
import type { ImageRow } from '../../../src/stage/port.js';

export interface Session {
  readonly rows: readonly ImageRow[];
  /** Images that could not even be identified. */
  readonly refused: readonly ArchiverError[];
  readonly problems: readonly ArchiverError[];
}

export interface SessionOptions {
  readonly daq: DaqAddress;
  /** End after so many images; a capture ends by itself. */
  readonly count?: number;
  readonly settings: ConfigInput;
  /** When the images have ended, before the archiver does. */
  readonly afterwards?: (archiver: Archiver) => Promise<void>;
}

/** The whole archiver in this process, with its assembler process, until its images have ended and are staged. */
export async function archiveSession({ daq, count, settings, afterwards }: SessionOptions): Promise<Session> {
  const live = daq.kind === 'network';
  const stop = new AbortController();
  const obsids: string[] = [];
  const [refused, problems]: [ArchiverError[], ArchiverError[]] = [[], []];
  const archiver = await composeArchiver(loadConfig({ flags: settings }, {}), {
    daq,
    live,
    stage: true,
    ends: true,
    report: { problem: (error) => problems.push(error), written: () => undefined },
    onResult: (result) => {
      if ('row' in result) obsids.push(result.row.obsid);
      else refused.push(result.error);
      if (obsids.length + refused.length === count) stop.abort();
    },
  });
  try {
    await (live ? archiver.intake.run(stop.signal) : archiver.intake.runOnce(stop.signal));
    await afterwards?.(archiver);
    await archiver.drained();
    const rows = await Promise.all(obsids.map((obsid) => archiver.ledger.view().image(obsid)));
    return { rows: rows.filter((row) => row !== undefined), refused, problems };
  } finally {
    await archiver.close();
  }
}
