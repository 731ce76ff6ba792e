import { Worker } from 'node:worker_threads';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openDaq } from '../../src/compose.js';
import { type SharedImage, shareImages } from '../../src/daq/memory-shared.js';
import { distFile } from '../../src/model/package.js';
import { daqSourceConformance } from '../conformance/daq-source.js';
import { FIRST_IMAGE, SECOND_IMAGE, type TestImage, testImage } from './images.js';

const NAME = 'memory-shared.test';
const images = [testImage(FIRST_IMAGE), testImage(SECOND_IMAGE)];

function shared({ description, packed }: TestImage): SharedImage {
  const sources = [...packed].map(([location, bytes]) => {
    const memory = new SharedArrayBuffer(bytes.length);
    new Uint8Array(memory).set(bytes);
    return [location, { packed: memory, crc32: crc32(bytes) }] as const;
  });
  return { description, sources: new Map(sources) };
}

daqSourceConformance('Shared memory', images, async () => {
  shareImages(NAME, images.map(shared));
  const daq = await openDaq({ kind: 'memory', name: NAME });
  return { daq, close: () => daq.close() };
});

describe('images in shared memory', () => {
  it('are lent to a thread without a copy', async () => {
    const image = shared(images[0] as TestImage);
    const location = '22/1';
    const { tag } = image.description.image;
    shareImages(NAME, [image]);
    const thread = `
      import { parentPort } from 'node:worker_threads';
      import { openDaq } from ${JSON.stringify(`file://${distFile('src/compose.js')}`)};
      const daq = await openDaq({ kind: 'memory', name: ${JSON.stringify(NAME)} });
      const range = { tag: ${JSON.stringify(tag)}, location: '${location}', offset: 100, length: 50 };
      daq.lend(range)[0] = 77;
      parentPort.postMessage('written');
    `;
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(thread)}`));
    await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
    await worker.terminate();
    const memory = image.sources.get(location)?.packed as SharedArrayBuffer;
    expect(new Uint8Array(memory)[100]).toBe(77);
  });

  it('that nobody shared are an error', async () => {
    await expect(openDaq({ kind: 'memory', name: 'nothing' })).rejects.toThrow(/no images are shared as "nothing"/);
  });
});
