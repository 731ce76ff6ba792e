// Archives the same image again and again under new names, as the assembler process does: worker threads, both products of one CCD, files on disk.
// Usage: node --expose-gc --import collect-garbage.mjs archive-child.mjs DIST TRIM, forked. One message tells what to archive; after every 10th image
// it answers with what it then holds.
import { rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { collectGarbage } from './collect-garbage.mjs';

const [dist, trimPath] = process.argv.slice(2);
const trim = createRequire(import.meta.url)(trimPath);
const { AssemblerService } = await import(`${dist}/src/assemble/service.js`);
const { openDaq } = await import(`${dist}/src/compose.js`);
const { shareImages } = await import(`${dist}/src/daq/memory-shared.js`);
const { systemClock } = await import(`${dist}/src/model/clock.js`);
const { loadNative } = await import(`${dist}/src/native/binding.js`);

const DAQ = { kind: 'memory', name: 'archive-child' };
const THREADS = 2;
const PRODUCTS = ['raw', 'corrected'];

process.once('message', async (order) => {
  const { camera, description, packed, images } = order;
  const native = loadNative();
  shareImages(DAQ.name, [{ description, sources: shared(native, packed) }]);
  const config = { daq: DAQ, camera, threads: THREADS, bandRows: 16, poolBytes: 64e6 };
  const service = new AssemblerService({ native, config, daq: await openDaq(DAQ), clock: systemClock });
  for (let image = 1; image <= images; image++) {
    await archive(service, order, `CC_S_20261121_${String(image).padStart(6, '0')}`);
    if (image % 10 !== 0) continue;
    await collectGarbage(THREADS + 1); // and the one that seals
    trim();
    const { rss, heapUsed } = process.memoryUsage();
    process.send({ image, rss, heapUsed });
  }
  await service.close();
  process.disconnect();
});

function shared(native, packed) {
  return new Map(
    [...packed].map(([location, bytes]) => {
      const memory = new SharedArrayBuffer(bytes.length);
      new Uint8Array(memory).set(bytes);
      return [location, { packed: memory, crc32: native.crc32(bytes) }];
    }),
  );
}

async function archive(service, { description, facts, root, slot }, obsid) {
  const { sources, image } = description;
  const [{ location }] = sources;
  await service.begin({ obsid, tag: image.tag, sources, products: PRODUCTS, compression: 'rice' });
  await service.source(obsid, location);
  for (const product of PRODUCTS) {
    const base = `${product}/${obsid}`;
    const where = { root, path: `${base}.fits`, sidecarPath: `${base}.json`, aside: root, folderMode: 0o755 };
    await service.finish({ file: { obsid, ...slot, product, version: 1 }, pixels: { location }, facts, ...where });
  }
  await service.release(obsid, location);
  await service.end(obsid);
  for (const product of PRODUCTS) rmSync(join(root, product), { recursive: true });
}
