import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SupervisedAssembler } from '../../src/assemble/supervisor.js';
import type { ArchiverEvent } from '../../src/events/port.js';
import type { Archiver } from '../../src/pipeline/archiver.js';
import { emulation } from '../daq/emulation.js';
import { FIRST_IMAGE, SECOND_IMAGE, SMALL_CAMERA, testImage } from '../daq/images.js';
import { archive, codes, filesBelow } from '../support/archive.js';
import { headerPackage } from '../support/header-package.js';
import { tempDir } from '../support/temp.js';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until the assembler has sources open and, for a while, neither more nor fewer: it is in the middle of a slow one. */
async function stuck({ assembler }: Archiver): Promise<void> {
  for (let open = 0, same = 0; same < 6; await pause(50)) {
    const { openHandles } = await assembler.statistics().catch(() => ({ openHandles: 0 }));
    same = openHandles > 0 && openHandles === open ? same + 1 : 0;
    open = openHandles;
  }
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
  expect(filesBelow(join(root, 'quarantine'))).toEqual([]);
  expect(filesBelow(join(root, '.tmp'))).toEqual([]);
  const mine = events.filter((event) => event.obsid === obsid);
  expect(new Set(mine.map(({ id }) => id)).size).toBe(mine.length);
  const count = (type: ArchiverEvent['type']) => mine.filter((event) => event.type === type).length;
  expect(
    ['imageInOODS', 'imageArchived', 'imageForwarded', 'imageIncomplete'].map((type) =>
      count(type as ArchiverEvent['type']),
    ),
  ).toEqual([9, 9, 9, 0]);
}

describe('an assembler process that is killed', () => {
  it('in the middle of an image costs nothing but time, and no effect comes twice', async () => {
    const script = [{ kind: 'delay', ms: 600, location: '22/1' }];
    const { emulator } = await emulation({ script, start: 'first-subscriber' });
    let events: ArchiverEvent[] = [];
    const { root, rows, problems } = await archive({
      address: emulator.address,
      camera: SMALL_CAMERA,
      meanwhile: async (archiver) => {
        events = listenTo(archiver);
        await stuck(archiver);
        kill(archiver);
      },
    });
    expect(rows.map(({ state, files }) => [state, files.length])).toEqual([['complete', 18]]);
    expect(new Set(codes(problems))).toEqual(new Set(['ASSEMBLER_DIED']));
    expectOnce(root, FIRST_IMAGE, events);
  });

  it('while its pixels wait for the header: they are read again', async () => {
    const { emulator } = await emulation({ start: 'first-subscriber' });
    const headers = tempDir();
    let events: ArchiverEvent[] = [];
    const { root, rows, problems } = await archive({
      address: emulator.address,
      camera: SMALL_CAMERA,
      settings: { header: headers },
      meanwhile: async (archiver) => {
        events = listenTo(archiver);
        await stuck(archiver);
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
    const stored = [testImage(FIRST_IMAGE), testImage(SECOND_IMAGE)] as const;
    const script = [{ kind: 'delay', ms: 1000, times: 99, image: FIRST_IMAGE, location: '22/1' }];
    const { emulator } = await emulation({ stored, script, start: 'first-subscriber' });
    let events: ArchiverEvent[] = [];
    const { root, rows, problems } = await archive({
      address: emulator.address,
      camera: SMALL_CAMERA,
      count: 2,
      settings: { bandRows: 128 },
      meanwhile: async (archiver) => {
        events = listenTo(archiver);
        for (let deaths = 0; deaths < 2; deaths++) {
          await stuck(archiver);
          kill(archiver);
          await pause(100);
        }
      },
    });
    const [first, second] = [FIRST_IMAGE, SECOND_IMAGE].map((name) => rows.find(({ obsid }) => obsid === name));
    expect(first?.state).toBe('incomplete');
    expect(first?.failures.map(({ sensor, error }) => `${sensor} ${error.code}`).sort()).toEqual(
      ['S10', 'S11', 'S12'].flatMap((sensor) => [`${sensor} ASSEMBLER_DIED`, `${sensor} ASSEMBLER_DIED`]),
    );
    expect(first?.files).toHaveLength(12);
    expect(second?.state).toBe('complete');
    expectOnce(root, SECOND_IMAGE, events);
    expect(new Set(codes(problems))).toEqual(new Set(['ASSEMBLER_DIED']));
  });
});
