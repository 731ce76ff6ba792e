import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SupervisedAssembler } from '../../src/assemble/supervisor.js';
import type { ArchiverEvent } from '../../src/events/port.js';
import type { Archiver } from '../../src/pipeline/archiver.js';
import { FIRST_IMAGE, LOCATIONS, SECOND_IMAGE, SMALL_CAMERA, testImage } from '../daq/images.js';
import { archive, cameraFile, codes, filesBelow } from '../support/archive.js';
import { runCli } from '../support/cli.js';
import { freeDaq, heldDaq } from '../support/free-daq.js';
import { headerPackage } from '../support/header-package.js';
import { tempDir } from '../support/temp.js';

/** Waits for something that lasts once it has come about, so that nothing depends on when it is noticed. */
async function until(reached: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await reached())) await new Promise((resolve) => setTimeout(resolve, 5));
}

/** Waits until the assembler holds every pixel of the image: it refuses a source that is not begun yet, and answers for one that is when it is whole. */
async function pulled({ assembler }: Archiver, obsid: string): Promise<void> {
  const sources = () => Promise.all(LOCATIONS.map((location) => assembler.source(obsid, location)));
  await until(() =>
    sources().then(
      () => true,
      () => false,
    ),
  );
}

function kill({ assembler }: Archiver): void {
  if (!(assembler instanceof SupervisedAssembler) || assembler.pid === undefined) expect.fail('no child');
  process.kill(assembler.pid, 'SIGKILL');
}

function listenTo({ events }: Archiver): ArchiverEvent[] {
  const heard: ArchiverEvent[] = [];
  events.subscribe((event) => heard.push(event), 'the beginning');
  return heard;
}

/** Every effect of a complete ComCam image, once: files, names, events. */
function expectOnce(root: string, obsid: string, events: readonly ArchiverEvent[]): void {
  for (const [folder, files] of [
    ['archive', 18],
    ['corrected', 18],
    ['oods', 18],
    ['dbb', 18],
    ['bucket', 18],
    ['manifests', 9],
  ] as const) {
    expect(filesBelow(join(root, folder)).filter((name) => name.includes(obsid))).toHaveLength(files);
  }
  expect(filesBelow(join(root, 'quarantine')).filter((name) => name.includes(obsid))).toEqual([]);
  expect(filesBelow(join(root, '.tmp'))).toEqual([]);
  const mine = events.filter((event) => 'obsid' in event && event.obsid === obsid);
  expect(new Set(mine.map(({ id }) => id)).size).toBe(mine.length);
  const count = (type: ArchiverEvent['type']) => mine.filter((event) => event.type === type).length;
  expect(
    ['imageInOODS', 'imageArchived', 'imageForwarded', 'imageIncomplete'].map((type) =>
      count(type as ArchiverEvent['type']),
    ),
  ).toEqual([9, 9, 9, 0]);
}

/** The bytes that were set aside are those of the DAQ, and the command beside them archives them as they would have been. */
async function expectReplayable(root: string, location: string): Promise<void> {
  const folder = join(root, 'quarantine', 'sources', FIRST_IMAGE, location.replace('/', '_'));
  const reason = JSON.parse(readFileSync(join(folder, 'reason.json'), 'utf8'));
  expect(reason).toMatchObject({ obsid: FIRST_IMAGE, location, code: 'ASSEMBLER_DIED' });
  const reb = location.at(-1);
  const packed = testImage(FIRST_IMAGE).packed.get(location);
  expect(readFileSync(join(folder, `${FIRST_IMAGE}_R22_Reb${reb}.raw`)).equals(packed as Uint8Array)).toBe(true);
  const out = tempDir();
  const words = reason.replay
    .replace('<folder>', out)
    .replace('--camera comcam', `--camera ${cameraFile(SMALL_CAMERA)}`);
  const [program, ...args] = words.split(' ');
  const { exit, stderr } = await runCli(args);
  expect([program, exit, stderr]).toEqual(['ccarchiver', 0, '']);
  expect(filesBelow(join(out, 'archive')).filter((name) => name.endsWith('.fits'))).toHaveLength(3);
}

describe('an assembler process that is killed', () => {
  it('in the middle of an image costs nothing but time, and no effect comes twice', async () => {
    const daq = await heldDaq([testImage(FIRST_IMAGE)], { image: FIRST_IMAGE, locations: ['22/1'] });
    let events: ArchiverEvent[] = [];
    const { root, rows, problems } = await archive({
      address: daq.address,
      camera: SMALL_CAMERA,
      meanwhile: async (archiver) => {
        events = listenTo(archiver);
        const neighbours = () => events.filter(({ type }) => type === 'imageInOODS').length;
        await until(() => daq.begun.length >= 1 && neighbours() === 6);
        kill(archiver);
        daq.land();
      },
    });
    expect(rows.map(({ state, files }) => [state, files.length])).toEqual([['complete', 18]]);
    expect(new Set(codes(problems))).toEqual(new Set(['ASSEMBLER_DIED']));
    expectOnce(root, FIRST_IMAGE, events);
  });

  it('while its pixels wait for the header: they are read again', async () => {
    const address = await freeDaq([testImage(FIRST_IMAGE)]);
    const headers = tempDir();
    let events: ArchiverEvent[] = [];
    const { root, rows, problems } = await archive({
      address,
      camera: SMALL_CAMERA,
      settings: { header: headers },
      meanwhile: async (archiver) => {
        events = listenTo(archiver);
        await pulled(archiver, FIRST_IMAGE);
        kill(archiver);
        mkdirSync(headers, { recursive: true });
        writeFileSync(join(headers, `${FIRST_IMAGE}.yaml`), headerPackage(FIRST_IMAGE, SMALL_CAMERA));
      },
    });
    expect(rows.map(({ state, files }) => [state, files.length])).toEqual([['complete', 18]]);
    expect(rows[0]?.files.every(({ header }) => header === 'COMPLETE')).toBe(true);
    expect(new Set(codes(problems))).toEqual(new Set(['ASSEMBLER_DIED']));
    expectOnce(root, FIRST_IMAGE, events);
  });

  it('twice by the same input: that REB is set aside; its neighbours and the next image are archived', async () => {
    const images = [testImage(FIRST_IMAGE), testImage(SECOND_IMAGE)];
    const daq = await heldDaq(images, { image: FIRST_IMAGE, locations: LOCATIONS });
    let events: ArchiverEvent[] = [];
    const { root, rows, problems } = await archive({
      address: daq.address,
      camera: SMALL_CAMERA,
      count: 2,
      meanwhile: async (archiver) => {
        events = listenTo(archiver);
        await until(() => daq.begun.length >= 3); // all three are in work: each may be the cause
        kill(archiver);
        await until(() => daq.begun.length >= 4); // the one that is tried first, alone, is the cause: it kills again
        kill(archiver);
        daq.land();
      },
    });
    const guilty = daq.begun[3] ?? '';
    await expectReplayable(root, guilty);
    const [first, second] = [FIRST_IMAGE, SECOND_IMAGE].map((name) => rows.find(({ obsid }) => obsid === name));
    expect(first?.state).toBe('incomplete');
    expect(first?.failures.map(({ sensor, error }) => `${sensor} ${error.code}`).sort()).toEqual(
      [0, 1, 2].flatMap((ccd) => Array(2).fill(`S${guilty?.at(-1)}${ccd} ASSEMBLER_DIED`)),
    );
    expect(first?.files).toHaveLength(12);
    // Once more, by the coordinator, to be kept; never again by an assembler.
    expect(daq.begun.slice(4).filter((location) => location === guilty)).toHaveLength(1);
    expect(second?.state).toBe('complete');
    expectOnce(root, SECOND_IMAGE, events);
    expect(codes(problems).filter((code) => code === 'ASSEMBLER_DIED').length).toBeGreaterThanOrEqual(2);
    expect(new Set(codes(problems))).toEqual(new Set(['ASSEMBLER_DIED']));
  });
});
