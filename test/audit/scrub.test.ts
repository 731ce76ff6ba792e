import { chmodSync, linkSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ArchiverEvent } from '../../src/events/port.js';
import type { ImageRow } from '../../src/stage/port.js';
import { FIRST_IMAGE, SMALL_CAMERA, testImage } from '../daq/images.js';
import { archive, codes, filesBelow } from '../support/archive.js';
import { freeDaq } from '../support/free-daq.js';
import { tempDir } from '../support/temp.js';

const NAME = `LSSTComCam/20261121/${FIRST_IMAGE}/${FIRST_IMAGE}_R22_S00`;

/** Flips a bit through a second name: no handle of the program sees a write. */
function flip(path: string): void {
  const second = join(tempDir(), 'second-name');
  linkSync(path, second);
  chmodSync(second, 0o644);
  const at = 100_000;
  writeSync(openSync(second, 'r+'), Buffer.of((readFileSync(second)[at] ?? 0) ^ 4), 0, 1, at);
}

const isDelivered = (row: ImageRow | undefined) =>
  row?.files.length === 18 &&
  row.files.every(({ deliveries }) => deliveries.every(({ state }) => state === 'delivered'));

/** A service, not a run that ends, whose archived file is damaged after it was delivered. @returns what it told of it */
async function damagedWhileRunning(mode: 'link' | 'copy') {
  const root = tempDir();
  const path = join(root, 'archive', `${NAME}.fits`);
  const told: Extract<ArchiverEvent, { type: 'fileDamaged' }>[] = [];
  let before = Buffer.alloc(0);
  const { problems } = await archive({
    address: await freeDaq([testImage(FIRST_IMAGE)]),
    camera: SMALL_CAMERA,
    root,
    count: 2, // there is one image: the test ends it
    ends: false,
    settings: { oods: { mode }, dbb: { mode }, scrub: { megabytesPerSecond: 10_000 } },
    meanwhile: async ({ ledger, events }, stop) => {
      events.subscribe((event) => event.type === 'fileDamaged' && told.push(event));
      await expect
        .poll(async () => isDelivered(await ledger.view().image(FIRST_IMAGE)), { timeout: 20_000 })
        .toBe(true);
      before = readFileSync(path);
      flip(path);
      await expect.poll(() => told.length, { timeout: 90_000 }).toBeGreaterThan(0);
      stop();
    },
  });
  return { root, told, problems, isSame: readFileSync(path).equals(before) };
}

it('a running archiver finds a bit that has flipped in its archive, restores the file from a copy, and tells both', async () => {
  const { root, told, problems, isSame } = await damagedWhileRunning('copy');
  expect(told).toMatchObject([
    { obsid: FIRST_IMAGE, raft: 'R22', sensor: 'S00', repaired: true, path: join(root, 'archive', `${NAME}.fits`) },
  ]);
  expect(told[0]?.description).toMatch(/^DIGEST_MISMATCH: /);
  expect([isSame, codes(problems)]).toEqual([true, []]);
  expect(filesBelow(join(root, 'quarantine', 'damaged'))).toHaveLength(1);
}, 120_000);

it('where every target is a name of the same bytes it tells that the file is damaged, and leaves it as it is', async () => {
  const { told, problems, isSame } = await damagedWhileRunning('link');
  expect(told[0]).toMatchObject({ repaired: false });
  expect([isSame, [...new Set(codes(problems))]]).toEqual([false, ['DIGEST_MISMATCH']]);
}, 120_000);
