import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { OpenOptions } from '../../src/native/contract.js';
import { splitHdus } from '../support/fits-cards.js';
import { describeOracle, describePython, runOracle } from '../support/oracles.js';
import { tempDir } from '../support/temp.js';
import { fileSpec, makePixels, native, openWhole, pack, scienceLayout } from './images.js';

const layout = scienceLayout();
const pixels = makePixels(layout, 5);
const packed = pack(layout, pixels);

async function writeCcd(compression: OpenOptions['compression']): Promise<string> {
  const options: OpenOptions = { layout, products: ['raw'], compression };
  const spec = fileSpec(options, tempDir(), { ccd: 1 });
  const handle = openWhole(options, packed);
  await native.finish(handle, spec);
  native.drop(handle);
  return join(spec.root, spec.path);
}

describeOracle('fitsverify', 'fitsverify', (tool) => {
  test.each(['rice', 'none'] as const)('finds nothing to remark, compression %s', async (compression) => {
    const { status, stdout } = runOracle(tool, ['-q', await writeCcd(compression)]);
    expect(stdout).toContain('verification OK');
    expect(status).toBe(0);
  });
});

describeOracle('funpack', 'funpack', (tool) => {
  test('restores the uncompressed file, sums included', async () => {
    const path = await writeCcd('rice');
    const restored = join(tempDir(), 'restored.fits');
    expect(runOracle(tool, ['-O', restored, path]).status).toBe(0);
    const hdus = splitHdus(readFileSync(restored));
    const plain = splitHdus(readFileSync(await writeCcd('none')));
    for (const [i, hdu] of plain.entries()) {
      expect(hdus[i]?.data, `HDU ${i}`).toEqual(hdu.data);
      expect(sumCards(hdus[i]?.cards)).toEqual(sumCards(hdu.cards));
    }
  });
});

/** CHECKSUM and DATASUM of a header. */
function sumCards(cards: readonly string[] = []): string[] {
  return cards.filter((card) => /^(CHECKSUM|DATASUM)/.test(card)).map((card) => card.slice(0, 30));
}

describePython('astropy', 'astropy', (python) => {
  test.each(['rice', 'none'] as const)(
    'reads the pixels and agrees with every sum, compression %s',
    async (compression) => {
      const script = `
import sys, warnings
from astropy.io import fits
warnings.simplefilter('error')
with fits.open(sys.argv[1], checksum=True) as hdus:
    sys.stdout.buffer.write(b''.join(hdu.data.astype('<i4').tobytes() for hdu in hdus[1:]))`;
      const child = spawnSync(python, ['-c', script, await writeCcd(compression)], { maxBuffer: 64 << 20 });
      expect(child.stderr.toString()).toBe('');
      const expected = Buffer.concat((pixels[1] ?? []).map((segment) => Buffer.from(segment.buffer)));
      expect(child.stdout.equals(expected)).toBe(true);
    },
  );
});
