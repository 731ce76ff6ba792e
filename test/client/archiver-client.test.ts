import { describe, expect, it, onTestFinished } from 'vitest';
import { ArchiverClient } from '../../src/client/archiver.js';
import { EventFeed } from '../../src/events/feed.js';
import { LocalEventBus } from '../../src/events/local.js';
import { startWeb, type WebServer } from '../../src/web/server.js';
import { openLedger } from '../stage/open-ledger.js';
import { fileId, imageStart, OBSID, SEAL, SENSORS, written } from '../stage/records.js';
import { freePort } from '../support/free-port.js';
import { keptTempDir } from '../support/temp.js';
import { served } from '../web/served.js';

/** A ledger and its web server, which can be ended and started again on its port. */
async function setUp() {
  const [folder, port] = [keptTempDir(), await freePort()];
  const { ledger, thread } = await openLedger(folder.path);
  const bus = new LocalEventBus(10, () => undefined);
  const feed = new EventFeed({ log: ledger.events(), bus, onEvents: (listener) => thread.onEvents(listener) });
  let web: WebServer | undefined;
  const start = async () => {
    web = await startWeb({ host: '127.0.0.1', port, archiver: () => served({ feed, ledger }) });
  };
  await start();
  const ending = new AbortController();
  onTestFinished(async () => {
    ending.abort();
    await web?.close();
    await ledger.close();
    folder.remove();
  });
  await ledger.beginImage(imageStart(OBSID, SENSORS));
  const write = (sensor: string) => ledger.recordWritten(written(fileId(sensor)));
  const client = new ArchiverClient(`http://127.0.0.1:${port}`);
  return { ledger, client, write, start, stop: () => web?.close(), signal: ending.signal };
}

describe('The client', () => {
  it('hears every event once and in order although the archiver goes away and comes back', async () => {
    const { client, write, start, stop, signal } = await setUp();
    const got: string[] = [];
    const heard = (async () => {
      for await (const event of client.events({ signal })) {
        got.push('sensor' in event ? event.sensor : event.type);
        if (got.length === SENSORS.length) return;
      }
    })();
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (const sensor of SENSORS.slice(0, 3)) await write(sensor);
    await expect.poll(() => got.length).toBe(3);
    await stop();
    for (const sensor of SENSORS.slice(3, 6)) await write(sensor);
    await start();
    for (const sensor of SENSORS.slice(6)) await write(sensor);
    await heard;
    expect(got).toEqual([...SENSORS]);
  });

  it('misses nothing when its connection was lost before the first event', async () => {
    const { client, write, start, stop, signal } = await setUp();
    const first = (async () => {
      for await (const event of client.events({ signal })) return 'sensor' in event ? event.sensor : event.type;
      return undefined;
    })();
    await new Promise((resolve) => setTimeout(resolve, 100));
    await stop();
    await write('S00');
    await start();
    await new Promise((resolve) => setTimeout(resolve, 1000)); // it has connected again before the next
    await write('S01');
    expect(await first).toBe('S00');
  });

  it('is told of a gap when it asks for what is not held any more', async () => {
    const { client, write, signal } = await setUp();
    await write('S00');
    let gaps = 0;
    for await (const event of client.events({ after: 'of long ago', signal, onGap: () => gaps++ })) {
      expect(event).toMatchObject({ sensor: 'S00' });
      break;
    }
    expect(gaps).toBe(1);
  });

  it('waits until an image has ended and is handed off', async () => {
    const { client, ledger, write } = await setUp();
    const ended = client.whenEnded(OBSID, { timeoutMs: 10_000, target: 'oods' });
    for (const sensor of SENSORS) await write(sensor);
    await ledger.closeImage(OBSID);
    expect((await client.whenEnded(OBSID, { timeoutMs: 10_000 })).state).toBe('complete');
    for (const sensor of SENSORS) {
      await ledger.recordSeal(fileId(sensor), SEAL);
      const uri = `file:///oods/${sensor}.fits`;
      await ledger.recordDelivery(fileId(sensor), { target: 'oods', state: 'delivered', uri, error: null });
    }
    const uris = (await ended).files.flatMap(({ deliveries }) => deliveries.map(({ uri }) => uri));
    expect(uris).toContain('file:///oods/S22.fits');
  });

  it('says IMAGE_DEADLINE for an image that does not end, ARCHIVER_UNREACHABLE when nobody answers', async () => {
    const { client, stop } = await setUp();
    const options = { timeoutMs: 300 };
    await expect(client.whenEnded(OBSID, options)).rejects.toMatchObject({ code: 'IMAGE_DEADLINE' });
    await expect(client.whenEnded('CC_O_20261127_000099', options)).rejects.toMatchObject({ code: 'IMAGE_DEADLINE' });
    await stop();
    await expect(client.whenEnded(OBSID, options)).rejects.toMatchObject({ code: 'ARCHIVER_UNREACHABLE' });
    await expect(client.images()).rejects.toMatchObject({ code: 'ARCHIVER_UNREACHABLE' });
  });

  it('gives what the ledger has of images', async () => {
    const { client, ledger, write } = await setUp();
    await write('S11');
    expect(await client.image(OBSID)).toEqual(await ledger.view().image(OBSID));
    expect(await client.image('../status')).toBeUndefined();
    expect((await client.images(1)).map(({ obsid }) => obsid)).toEqual([OBSID]);
  });

  it('lets an error of its user out, and ends the connection', async () => {
    const { client, write, signal } = await setUp();
    const listening = (async () => {
      for await (const _ of client.events({ signal })) throw new RangeError('of the user');
    })();
    await new Promise((resolve) => setTimeout(resolve, 100));
    await write('S00');
    await expect(listening).rejects.toThrow('of the user');
  });
});
