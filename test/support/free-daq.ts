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

/**
 * A DAQ that says whatever the test wants, over the real protocol: the emulator's server without its store, which would refuse names, registers and
 * lengths that make no sense. All images are there, read out and whole, from the start. @returns its address
 */
export async function freeDaq(images: readonly TestImage[]): Promise<string> {
  const catalogue = new Catalogue();
  const folder = tempDir();
  images.forEach((image, index) => {
    catalogue.add(liveImage(image, join(folder, String(index)), catalogue));
  });
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
  for (const source of sources) image.advance(source, source.total);
  const time = isoFromTai(taiNow(systemClock));
  for (const type of ['endReadout', 'endOfImageTelemetry'] as const) {
    image.event({ type, imageName: name, time, fields: {} });
  }
  return image;
}
