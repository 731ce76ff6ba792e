import { expect, it } from 'vitest';
import { emulation } from '../daq/emulation.js';
import { FIRST_IMAGE, SMALL_CAMERA } from '../daq/images.js';
import { openLedger } from '../stage/open-ledger.js';
import { imageStart } from '../stage/records.js';
import { archive, codes } from '../support/archive.js';
import { tempDir } from '../support/temp.js';

it('an image that was begun and that the DAQ has purged since does not stay open for ever', async () => {
  const root = tempDir();
  const purged = 'CC_S_20261120_000007';
  const before = await openLedger(root);
  await before.ledger.beginImage(imageStart(purged, ['S00', 'S01']));
  await before.ledger.close();

  const { emulator } = await emulation({ start: 'first-subscriber' });
  const { rows, problems } = await archive({ address: emulator.address, camera: SMALL_CAMERA, root });
  expect(rows.map(({ obsid, state }) => [obsid, state])).toEqual([[FIRST_IMAGE, 'complete']]);
  expect(codes(problems)).toEqual(['IMAGE_INCOMPLETE']);

  const { ledger } = await openLedger(root);
  expect((await ledger.view().image(purged))?.state).toBe('failed');
  expect(await ledger.view().openImages()).toEqual([]);
  await ledger.close();
});
