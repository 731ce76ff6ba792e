import { connect, createServer, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { FRAME } from '../../src/daq/wire/frame.js';
import { emulation } from '../daq/emulation.js';
import { SMALL_CAMERA } from '../daq/images.js';
import { archive, codes } from '../support/archive.js';

/** A network in front of a DAQ that cuts the connection when SOURCES is asked for the first `times` times. @returns its address */
async function cuttingSources(daq: string, times: number): Promise<string> {
  const [host = '', port = ''] = daq.split(':');
  const sockets = new Set<Socket>();
  let cuts = 0;
  const server = createServer((client) => {
    const upstream = connect(Number(port), host);
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) sockets.add(socket.on('error', end).on('close', end));
    upstream.pipe(client);
    client.on('data', (bytes: Buffer) => {
      // A request is one small frame and comes in one piece; its type stands behind the magic.
      if (bytes[4] === FRAME.SOURCES && cuts++ < times) end();
      else upstream.write(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return `127.0.0.1:${(server.address() as { port: number }).port}`;
}

it('a connection that is lost while the archiver asks what an image is costs no image', async () => {
  const { emulator } = await emulation({ start: 'first-subscriber' });
  const address = await cuttingSources(emulator.address, 2);
  const { rows, refused } = await archive({ address, camera: SMALL_CAMERA });
  expect(codes(refused)).toEqual([]);
  expect(rows.map(({ state, files }) => [state, files.length])).toEqual([['complete', 18]]);
});
