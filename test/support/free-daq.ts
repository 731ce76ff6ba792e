import { writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { Catalogue } from '../../src/daq/emulator/catalogue.js';
import { FaultScript } from '../../src/daq/emulator/faults.js';
import { LiveImage, type LiveSource } from '../../src/daq/emulator/live-image.js';
import { Session } from '../../src/daq/emulator/session.js';
import { systemClock } from '../../src/model/clock.js';
import { isoFromTai, taiNow } from '../../src/model/time.js';
import type { TestImage } from '../daq/images.js';
import { tempDir } from './temp.js';

/** Sources of one image whose second half does not land before the test says so: whoever pulls them can begin and cannot end. */
export interface Held {
  readonly image: string;
  readonly locations: readonly string[];
}

export interface HeldDaq {
  readonly address: string;
  /** Held sources whose first byte was asked for, in the order of asking: one entry for each time that somebody began to pull one. */
  readonly begun: readonly string[];
  /** The held sources become whole. */
  land(): void;
}

/** Tells of the READs that it answers. */
class WatchedCatalogue extends Catalogue {
  constructor(private readonly onRead: (tag: string, location: string, offset: number) => void) {
    super();
  }

  override range(tag: string, location: string, offset: number, length: number): LiveSource {
    const source = super.range(tag, location, offset, length);
    this.onRead(tag, location, offset);
    return source;
  }
}

/**
 * A DAQ that says whatever the test wants, over the real protocol: the emulator's server without its store, which would refuse names, registers and
 * lengths that make no sense. All images are there, read out and whole, from the start. @returns its address
 */
export async function freeDaq(images: readonly TestImage[]): Promise<string> {
  const catalogue = new Catalogue();
  addImages(catalogue, images);
  return serve(catalogue);
}

/** The same, but for the sources that are held. */
export async function heldDaq(images: readonly TestImage[], held: Held): Promise<HeldDaq> {
  const begun: string[] = [];
  const catalogue = new WatchedCatalogue((tag, location, offset) => {
    const isHeld = catalogue.image(tag).name === held.image && held.locations.includes(location);
    if (isHeld && offset === 0) begun.push(location);
  });
  const live = addImages(catalogue, images, held);
  const land = () => {
    for (const image of live)
      for (const source of image.sources.values()) if (!source.done) image.advance(source, source.total);
  };
  return { address: await serve(catalogue), begun, land };
}

/** Listens on a free port of this machine until the test ends. @returns its address */
async function serve(catalogue: Catalogue): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    new Session(socket, { catalogue, onSubscribed: () => undefined });
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `127.0.0.1:${port}`;
}

function addImages(catalogue: Catalogue, images: readonly TestImage[], held?: Held): LiveImage[] {
  const folder = tempDir();
  return images.map((image, index) => {
    const live = liveImage(image, join(folder, String(index)), catalogue);
    catalogue.add(live);
    for (const source of live.sources.values()) {
      const half = held?.image === image.description.image.name && held.locations.includes(source.location);
      live.advance(source, half ? Math.floor(source.total / 2) : source.total);
    }
    return live;
  });
}

/** Read out, yet without a byte landed. */
function liveImage({ description, packed }: TestImage, base: string, catalogue: Catalogue): LiveImage {
  const { name, triggerNs } = description.image;
  const sources = [...packed].map(([location, bytes]): LiveSource => {
    const path = `${base}.${location.replace('/', '.')}`;
    writeFileSync(path, bytes);
    const total = bytes.length;
    const faults = FaultScript.none.of(name, location);
    const state = { landed: 0, done: false };
    return { location, path, expectedBytes: total, total, crc32: crc32(bytes), announcesEnd: true, faults, ...state };
  });
  const image = new LiveImage({ ...description, events: [] }, sources, catalogue.publish.bind(catalogue));
  image.create(BigInt(triggerNs));
  const time = isoFromTai(taiNow(systemClock));
  for (const type of ['endReadout', 'endOfImageTelemetry'] as const) {
    image.event({ type, imageName: name, time, fields: {} });
  }
  return image;
}
