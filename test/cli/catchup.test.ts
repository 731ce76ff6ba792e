import { describe, expect, it } from 'vitest';
import { SMALL_CAMERA, testImage } from '../daq/images.js';
import { cameraFile, filesBelow } from '../support/archive.js';
import { jsonLines, runCli } from '../support/cli.js';
import { freeDaq } from '../support/free-daq.js';
import { tempDir } from '../support/temp.js';

const NAMES = [1, 2, 3, 4].map((index) => `CC_S_20261121_00000${index}`);
const WHOLE = { incomplete: [], failed: [], underWay: [], unknown: [] };

const catchup = (daq: string, root: string, ...more: string[]) =>
  runCli(['catchup', '--daq', daq, '--root', root, '--camera', cameraFile(SMALL_CAMERA), ...more]);

describe('ccarchiver catchup', () => {
  it('archives and stages what the ledger has not, writes nothing twice, and says that the catalogue is archived', async () => {
    const root = tempDir();
    const first = await catchup(await freeDaq(NAMES.slice(0, 2).map((name) => testImage(name))), root);
    expect(first.stdout.split('\n').at(-2)).toBe(
      'catalogue  2 = 2 archived + 0 incomplete + 0 failed + 0 underWay + 0 unknown',
    );
    const daq = await freeDaq(NAMES.map((name) => testImage(name)));
    const { exit, stderr, stdout } = await catchup(daq, root, '--json');
    expect([exit, stderr]).toEqual([0, '']);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ summary: true, catalogue: 4, archived: 4, ...WHOLE, complete: 4 });
    expect(filesBelow(root).filter((name) => /^(archive|oods|dbb|bucket)\/.*\.fits$/.test(name))).toHaveLength(
      4 * 4 * 9,
    );
  }, 60_000);

  it('names what is not whole, and what was begun and is gone from the DAQ, and ends with the code of the error', async () => {
    const root = tempDir();
    const [whole, broken] = [testImage(NAMES[0] ?? ''), testImage(NAMES[1] ?? '')];
    const packed = new Map([...broken.packed].filter(([location]) => location !== '22/1'));
    const sources = broken.description.sources.filter(({ location }) => location !== '22/1');
    const daq = await freeDaq([whole, { description: { ...broken.description, sources }, packed }]);
    const { exit, stderr, stdout } = await catchup(daq, root, '--json');
    expect(exit).not.toBe(0);
    expect(stderr).toMatch(/^ccarchiver: DAQ_NO_SOURCE: .*\n$/);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ catalogue: 2, archived: 1, ...WHOLE, incomplete: [NAMES[1]] });
  }, 60_000);

  it('is refused while an archiver has the data root', async () => {
    const { lockRoot } = await import('../../src/stage/root-lock.js');
    const root = tempDir();
    const lock = await lockRoot(root);
    const { exit, stderr } = await catchup(await freeDaq([]), root);
    lock.release();
    expect([exit, stderr]).toEqual([2, expect.stringContaining('ROOT_LOCKED')]);
  });
});
