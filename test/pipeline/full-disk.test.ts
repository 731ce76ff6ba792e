import { closeSync, mkdirSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ArchiverEvent } from '../../src/events/port.js';
import { FIRST_IMAGE, SECOND_IMAGE, SMALL_CAMERA, testImage } from '../daq/images.js';
import { archive, codes, filesBelow } from '../support/archive.js';
import { heldDaq } from '../support/free-daq.js';
import { memoryDisk, whyNoMemoryDisk } from '../support/memory-disk.js';
import { describeUnless } from '../support/not-run.js';

/** Until the disk refuses: the archiver works beside it, so what is free at the start tells nothing. */
function untilFull(write: () => void): void {
  try {
    for (;;) write();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

function fillBytes(disk: string): () => void {
  const ballast = join(disk, 'ballast');
  const file = openSync(ballast, 'w');
  for (const size of [1 << 20, 1]) untilFull(() => writeSync(file, Buffer.alloc(size)));
  closeSync(file);
  return () => rmSync(ballast);
}

function fillNames(disk: string): () => void {
  const ballast = join(disk, 'ballast');
  mkdirSync(ballast);
  let names = 0;
  untilFull(() => writeFileSync(join(ballast, String(names++)), ''));
  return () => rmSync(ballast, { recursive: true });
}

const seconds = (count: number) => new Promise((resolve) => setTimeout(resolve, count * 1000));

describeUnless(whyNoMemoryDisk(), 'a disk that has no room left in the middle of an image', () => {
  it.each([
    ['bytes', 'size=100m', fillBytes],
    ['names', 'size=100m,nr_inodes=400', fillNames],
  ] as const)(
    'for %s: nothing is acknowledged or given up meanwhile, no image is begun, and all is archived within 5 s of there being room',
    async (_, options, fill) => {
      const root = memoryDisk(options);
      const location = '22/1';
      const images = [testImage(FIRST_IMAGE), testImage(SECOND_IMAGE)];
      const daq = await heldDaq(images, { image: FIRST_IMAGE, locations: [location] });
      const events: ArchiverEvent[] = [];
      let resumed = Number.POSITIVE_INFINITY;
      const archived = await archive({
        address: daq.address,
        camera: SMALL_CAMERA,
        root,
        count: 2,
        settings: { disk: { reserveMegabytes: 8 }, imagesInFlight: 1, deadlines: { source: 3, header: 2, image: 4 } },
        meanwhile: async ({ ledger, events: bus }) => {
          bus.subscribe((event) => events.push(event));
          while (daq.begun.length === 0) await seconds(0.01);
          const free = fill(root);
          daq.land();
          await seconds(8); // twice the deadline of the image
          expect((await ledger.view().images(9)).map(({ obsid, state }) => [obsid, state])).toEqual([
            [FIRST_IMAGE, 'open'],
          ]);
          expect(filesBelow(join(root, 'archive')).filter((name) => /_S1\d\.fits/.test(name))).toEqual([]);
          free();
          const start = performance.now();
          while ((await ledger.view().image(FIRST_IMAGE))?.state === 'open') await seconds(0.02);
          resumed = performance.now() - start;
        },
      });
      expect(resumed).toBeLessThan(5000);
      expect(archived.rows.map(({ state, files, failures }) => [state, files.length, failures.length])).toEqual([
        ['complete', 18, 0],
        ['complete', 18, 0],
      ]);
      expect([...new Set(codes(archived.problems))]).toEqual(['DISK_FULL']);
      const holds = events.filter((event) => event.type === 'errorCode');
      expect(holds.map(({ errorCode, errorReport }) => [errorCode, errorReport.split(':')[0]])).toEqual([
        [5612, 'DISK_FULL'],
        [0, ''],
      ]);
      expect(filesBelow(join(root, '.tmp'))).toEqual([]);
    },
    60_000,
  );
});
