import { connect, createServer, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { FIRST_IMAGE, SECOND_IMAGE, SMALL_CAMERA, testImage } from '../daq/images.js';
import { archive, codes } from '../support/archive.js';
import { freeDaq } from '../support/free-daq.js';

/** A network in front of a DAQ that goes away once so many bytes have come through it, until the test says so. */
async function unreliable(daq: string, bytes: number) {
  const [host = '', port = ''] = daq.split(':');
  const sockets = new Set<Socket>();
  let left = bytes;
  const isAway = () => left <= 0;
  const server = createServer((client) => {
    if (isAway()) return client.destroy();
    const upstream = connect(Number(port), host);
    const end = () => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) sockets.add(socket.on('error', end).on('close', end));
    client.pipe(upstream);
    upstream.on('data', (chunk: Buffer) => {
      left -= chunk.length;
      if (isAway()) for (const socket of sockets) socket.destroy();
      else client.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const back = () => {
    left = Number.POSITIVE_INFINITY;
  };
  return { address: `127.0.0.1:${(server.address() as { port: number }).port}`, back };
}

it('an image that a DAQ outage has kept from being whole at its deadline is completed when the DAQ is back, before anybody starts anything', async () => {
  const images = [testImage(FIRST_IMAGE), testImage(SECOND_IMAGE)];
  const [stream] = testImage(FIRST_IMAGE).packed.values();
  const network = await unreliable(await freeDaq(images), (stream?.length ?? 0) * 1.5);
  const { rows, problems } = await archive({
    address: network.address,
    camera: SMALL_CAMERA,
    count: 3,
    settings: { imagesInFlight: 1, deadlines: { source: 2, header: 1, image: 3 } },
    meanwhile: async ({ ledger }) => {
      while ((await ledger.view().image(FIRST_IMAGE))?.state !== 'failed') await new Promise((r) => setTimeout(r, 50));
      network.back();
    },
  });
  expect([...new Set(rows.map(({ obsid, state, files }) => `${obsid} ${state} ${files.length}`))].sort()).toEqual([
    `${FIRST_IMAGE} complete 18`,
    `${SECOND_IMAGE} complete 18`,
  ]);
  expect(codes(problems)).toContain('SOURCE_DEADLINE');
});
