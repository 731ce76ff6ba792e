import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SupervisedAssembler } from '../../src/assemble/supervisor.js';
import { verifyFits } from '../../src/fits/verify.js';
import { loadNative } from '../../src/native/binding.js';
import type { Archiver } from '../../src/pipeline/archiver.js';
import type { SqliteLedger } from '../../src/stage/ledger/client.js';
import { emulation } from '../daq/emulation.js';
import { FIRST_IMAGE, LOCATIONS, SECOND_IMAGE, SMALL_CAMERA, testImage } from '../daq/images.js';
import { archive, codes, filesBelow } from '../support/archive.js';
import { headerPackage } from '../support/header-package.js';
import type { ManualTimer } from '../support/manual-timer.js';
import { tempDir } from '../support/temp.js';
import { expose, pass } from './standing-clock.js';

const night = { camera: SMALL_CAMERA, locations: LOCATIONS, stage: true };

const held = async ({ assembler }: Archiver) => (await assembler.statistics()).openHandles;

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function passUntilComplete(clock: ManualTimer, { ledger }: Archiver): Promise<void> {
  await until(async () => {
    await clock.advance(100);
    return (await ledger.view().image(FIRST_IMAGE))?.state === 'complete';
  });
}

describe('pixels whose header is late', () => {
  it('wait in memory for two seconds, then on disk, and become the files that they would have become', async () => {
    const { root, rows, problems } = await expose({
      ...night,
      afterwards: async (clock, headers, folder, archiver) => {
        await pass(clock, 1.5);
        expect(await held(archiver)).toBe(3);
        await pass(clock, 1);
        await until(async () => (await held(archiver)) === 0);
        expect(filesBelow(join(folder, '.tmp/waiting')).length).toBe(36);
        expect(filesBelow(join(folder, 'archive'))).toEqual([]);
        writeFileSync(join(headers, `${FIRST_IMAGE}.yaml`), headerPackage(FIRST_IMAGE, SMALL_CAMERA));
        await passUntilComplete(clock, archiver);
      },
    });
    expect(codes(problems)).toEqual([]);
    expect(rows[0]?.files.map(({ header, state }) => `${header} ${state}`)).toEqual(Array(18).fill('COMPLETE sealed'));
    for (const { path } of rows[0]?.files ?? []) {
      expect(verifyFits(join(root, path), loadNative()).problems).toEqual([]);
    }
    expect(existsSync(join(root, '.tmp/waiting', FIRST_IMAGE))).toBe(false);
  });

  it('are not pulled again when the assembler dies while they become files', async () => {
    const { rows, problems } = await expose({
      ...night,
      afterwards: async (clock, headers, _root, archiver) => {
        await pass(clock, 2.5);
        await until(async () => (await held(archiver)) === 0);
        const { pid = 0 } = archiver.assembler as SupervisedAssembler;
        process.kill(pid, 'SIGSTOP'); // it has been asked for the files by the time that it dies
        writeFileSync(join(headers, `${FIRST_IMAGE}.yaml`), headerPackage(FIRST_IMAGE, SMALL_CAMERA));
        await until(async () => {
          await clock.advance(100);
          return (await (archiver.ledger as SqliteLedger).fixedMetadata(FIRST_IMAGE, 1)) !== undefined;
        });
        await new Promise((resolve) => setTimeout(resolve, 500));
        process.kill(pid, 'SIGKILL');
        await passUntilComplete(clock, archiver);
        expect((await archiver.assembler.statistics()).inputBytes).toBe(0); // no band was received by the new one
      },
    });
    expect(codes(problems)).toEqual(['ASSEMBLER_DIED']);
    expect(rows[0]?.files.length).toBe(18);
  });

  it('keep no other image from its turn', async () => {
    const headers = tempDir();
    const give = (obsid: string) => writeFileSync(join(headers, `${obsid}.yaml`), headerPackage(obsid, SMALL_CAMERA));
    give(SECOND_IMAGE);
    const { emulator } = await emulation({ stored: [testImage(FIRST_IMAGE), testImage(SECOND_IMAGE)] });
    const { rows, problems } = await archive({
      address: emulator.address,
      camera: SMALL_CAMERA,
      count: 2,
      settings: { header: headers, imagesInFlight: 1, pool: { spillAfter: 0 } },
      meanwhile: async ({ ledger }) => {
        await until(async () => (await ledger.view().image(SECOND_IMAGE))?.state === 'complete');
        give(FIRST_IMAGE);
      },
    });
    expect(codes(problems)).toEqual([]);
    expect(rows.map(({ obsid, state }) => [obsid, state])).toEqual([
      [SECOND_IMAGE, 'complete'],
      [FIRST_IMAGE, 'complete'],
    ]);
  });
});
