import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { headerPackageYaml } from '../../fixtures/header-package.js';
import { smallGeometry, sourceLayout, sourceLength } from '../../src/camera/geometry.js';
import { loadCamera } from '../../src/camera/load.js';
import { ccdBySlot } from '../../src/camera/locations.js';
import type { HeaderInput } from '../../src/fits/facts.js';
import { composeHeaders } from '../../src/fits/headers.js';
import { mergeHeader } from '../../src/header/merge.js';
import { parsePackage } from '../../src/header/parse.js';
import { type MergedHeader, NO_HEADER } from '../../src/model/header-package.js';
import { loadNative } from '../../src/native/binding.js';
import type { HduSpec } from '../../src/native/contract.js';
import { readHdus } from '../support/fits-cards.js';
import { headerInput } from '../support/header-input.js';
import { describeOracle, describePython, runOracle } from '../support/oracles.js';
import { seal } from '../support/seal.js';
import { tempDir } from '../support/temp.js';

const native = loadNative();
const camera = smallGeometry(loadCamera('comcam'), { columns: 48, rows: 24 });
const OBSID = 'CC_O_20241108_000266';

it('the addon seals headers as the letter of the standard does', () => {
  const mine = composeHeaders(headerInput(), seal);
  const theirs = composeHeaders(headerInput(), (cards) => native.sealHeader(cards));
  for (const part of ['primary', 'rebCond', 'configCond', 'sidecar'] as const) {
    expect(Buffer.from(theirs[part]).equals(Buffer.from(mine[part]))).toBe(true);
  }
});

/** With warnings as errors: every card is verified, every sum checked on opening. */
const ASTROPY = `
import json, sys
from astropy.io import fits
with fits.open(sys.argv[1], checksum=True) as hdus:
    hdus.verify('exception')
    primary = hdus[0].header
    undefined = primary['SIMULATED MJD-OBS'] is None
    print(json.dumps([len(hdus), undefined, primary['STUTTER ROWS'], hdus[1].name.title(), list(hdus[1].data.shape)]))
`;

const whole = madeHeader(() => true);
const cases: [string, Partial<HeaderInput>][] = [
  ['raw, compressed, whole header', { header: whole }],
  ['corrected, compressed, whole header', { header: whole, product: 'corrected' }],
  ['raw, uncompressed, whole header', { header: whole, compression: 'none' }],
  ['raw, compressed, partial header', { header: madeHeader((name) => !name.startsWith('R22S01')) }],
  ['raw, compressed, no header', { header: NO_HEADER }],
];

describeOracle('fitsverify', 'files written by the addon', (tool) => {
  it.each(cases)('%s: no error, and only undefined keywords are warned of', async (_, changes) => {
    const { stdout } = runOracle(tool, [await write(changes)]);
    const lines = stdout.split('\n').filter((line) => line.startsWith('*** '));
    expect(lines.filter((line) => !/^\*\*\* Warning: Keyword #\d+, .* has a null value\.$/.test(line))).toEqual([]);
    expect(stdout).toMatch(/Verification found \d+ warning\(s\) and 0 error\(s\)|verification OK/i);
  });
});

describeOracle('funpack', 'files written by the addon', (tool) => {
  describe('compressed', () => {
    it('restore to the uncompressed file: every card and every pixel', async () => {
      const restored = join(tempDir(), 'restored.fits');
      expect(runOracle(tool, ['-C', '-O', restored, await write({ header: whole })]).status).toBe(0);
      const [mine, plain] = [readHdus(restored), readHdus(await write({ header: whole, compression: 'none' }))];
      expect(mine.slice(1)).toHaveLength(18);
      for (const [hdu, { cards, data }] of mine.slice(1).entries()) {
        expect(cards).toEqual(plain[hdu + 1]?.cards);
        expect(Buffer.from(data).equals(Buffer.from(plain[hdu + 1]?.data ?? []))).toBe(true);
      }
    });
  });
});

describePython('astropy', 'files written by the addon', (python) => {
  it('have right sums and readable cards, undefined HIERARCH ones too', async () => {
    const path = await write({ header: NO_HEADER });
    const { status, stdout, stderr } = runOracle({ command: python, env: {} }, ['-W', 'error', '-c', ASTROPY, path]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual([19, true, 0, 'Segment10', [24, 48]]);
  });
});

it('a package cut into another section order gives the same file', async () => {
  const reversed = madeHeader(() => true, true);
  const [a, b] = [readFileSync(await write({ header: whole })), readFileSync(await write({ header: reversed }))];
  expect(a.equals(b)).toBe(true);
});

/** The made package as R22_S01 needs it, of the sections that are kept. */
function madeHeader(keep: (name: string) => boolean, reverse = false): MergedHeader {
  const text = headerPackageYaml({
    camera,
    obsid: OBSID,
    startIntegration: '2024-11-09T06:34:41.323',
    exposureTime: 30,
  });
  const header = parsePackage(text, { where: 'made', obsid: OBSID });
  const sections = header.sections.filter(({ name }) => keep(name));
  const ordered = reverse ? sections.toReversed() : sections;
  return mergeHeader({ ...header, sections: ordered }, { camera, raft: 'R22', sensor: 'S01' });
}

/** One CCD through the addon, from packed words to a durable file. @returns its path */
async function write(changes: Partial<HeaderInput>): Promise<string> {
  const place = ccdBySlot(camera, 'R22', 'S01');
  const input = headerInput({ camera, ...place, ...changes });
  const headers = composeHeaders(input, (cards) => native.sealHeader(cards));
  const layout = sourceLayout(camera, place.reb.location, { corrected: true });
  const packed = new Uint8Array(sourceLength(layout)).map((_, i) => (i * 31) % 251);
  const handle = native.open({ layout, products: ['raw', 'corrected'], compression: input.compression });
  native.band(handle, { first: 0, count: layout.rows }, packed);
  const root = tempDir();
  const hdus: HduSpec[] = [
    { kind: 'bare', cards: headers.primary },
    ...headers.segments.map((header, segment): HduSpec => ({ kind: 'segment', segment, ...header })),
    { kind: 'bare', cards: headers.rebCond },
    { kind: 'bare', cards: headers.configCond },
  ];
  const paths = { path: 'a/x.fits', sidecarPath: 'a/x.json', root, aside: join(root, 'aside') };
  const modes = { fileMode: 0o444, folderMode: 0o755 };
  const spec = { ccd: place.reb.ccds.indexOf(place.ccd), product: input.product, hdus, sidecar: headers.sidecar };
  await native.finish(handle, { ...spec, ...paths, ...modes });
  native.drop(handle);
  return join(root, paths.path);
}
