import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { tagOfName } from '../../../src/daq/capture/names.js';
import { Catalogue } from '../../../src/daq/emulator/catalogue.js';
import { LiveImage } from '../../../src/daq/emulator/live-image.js';
import { Session } from '../../../src/daq/emulator/session.js';
import { imageOf } from '../support/store.js';

export interface NameServer {
  readonly address: string;
  close(): Promise<void>;
}

/** The emulator's server side over a real socket, with images that have any name that the wire can carry, and no pixels. */
export async function serveNames(names: readonly string[]): Promise<NameServer> {
  const catalogue = new Catalogue();
  const { description } = imageOf('CC_O_20261121_000001', []);
  names.forEach((name, index) => {
    const image = { ...description.image, name, tag: tagOfName(`image ${index}`) };
    const live = new LiveImage({ ...description, image, events: [] }, [], catalogue.publish.bind(catalogue));
    live.create(BigInt(image.triggerNs));
    catalogue.add(live);
  });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('close', () => sockets.delete(socket)));
    new Session(socket, { catalogue, onSubscribed: () => undefined });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    address: `127.0.0.1:${(server.address() as { port: number }).port}`,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await once(server.close(), 'close');
    },
  };
}
