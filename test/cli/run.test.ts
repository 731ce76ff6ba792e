import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FIRST_IMAGE, SECOND_IMAGE, SMALL_CAMERA, testImage } from '../daq/images.js';
import { cameraFile, filesBelow } from '../support/archive.js';
import { jsonLines, runCli, startCli } from '../support/cli.js';
import { headerPackage } from '../support/header-package.js';
import { serveDaq } from '../support/serve.js';
import { tempDir } from '../support/temp.js';

const IMAGES = [testImage(FIRST_IMAGE), testImage(SECOND_IMAGE)];

function headersOf(...texts: readonly [obsid: string, text: string][]): string {
  const folder = tempDir();
  mkdirSync(folder, { recursive: true });
  for (const [obsid, text] of texts) writeFileSync(join(folder, `${obsid}.yaml`), text);
  return folder;
}

const bothHeaders = () =>
  headersOf(...[FIRST_IMAGE, SECOND_IMAGE].map((name): [string, string] => [name, headerPackage(name, SMALL_CAMERA)]));

/** `run` on a DAQ that takes two images; it must end by itself, long before any deadline. */
function run(daq: string, ...args: readonly string[]) {
  const camera = cameraFile(SMALL_CAMERA);
  return runCli(['run', '--daq', daq, '--camera', camera, ...args], { timeout: 40_000 });
}

describe('run', () => {
  it('archives what the DAQ takes, says so in NDJSON, and ends with 0 as soon as all is staged', async () => {
    const root = tempDir();
    const daq = await serveDaq(IMAGES);
    const { exit, stdout, stderr } = await run(
      daq,
      '--root',
      root,
      '--header',
      bothHeaders(),
      '--count',
      '2',
      '--json',
    );
    expect(stderr).toBe('');
    expect(exit).toBe(0);
    const records = jsonLines(stdout);
    expect(
      records
        .map(({ obsid, state }) => [obsid, state])
        .slice(0, 2)
        .sort(),
    ).toEqual([
      [FIRST_IMAGE, 'complete'],
      [SECOND_IMAGE, 'complete'],
    ]);
    expect(records).toHaveLength(3);
    expect(records[2]).toMatchObject({
      summary: true,
      images: 2,
      complete: 2,
      incomplete: 0,
      failed: 0,
      files: { raw: 18, corrected: 18 },
      targets: { oods: 18, dbb: 18, prompt: 18 },
    });
    expect(filesBelow(join(root, 'archive'))).toHaveLength(36);
  });

  it('tells each fault in one line with its code, archives the rest, and ends with the code of the first', async () => {
    const root = tempDir();
    const daq = await serveDaq(IMAGES, [
      { image: FIRST_IMAGE, location: '22/1', kind: 'truncate', at: 300_001, done: true },
    ]);
    const { exit, stdout, stderr } = await run(
      daq,
      '--root',
      root,
      '--header',
      bothHeaders(),
      '--count',
      '2',
      '--json',
    );
    expect(stderr).toMatch(/^ccarchiver: SOURCE_TRUNCATED: Source 22\/1 [^\n]+\n$/);
    expect(exit).toBe(6);
    const summary = jsonLines(stdout).at(-1);
    expect(summary).toMatchObject({ complete: 1, incomplete: 1, failed: 0, files: { raw: 15, corrected: 15 } });
    expect(filesBelow(join(root, 'archive')).filter((name) => name.includes(`${FIRST_IMAGE}_R22_S1`))).toEqual([]);
  });

  it('archives without a header package that cannot be read, and says what is wrong with it', async () => {
    const daq = await serveDaq([testImage(FIRST_IMAGE)]);
    const header = headersOf([FIRST_IMAGE, 'PRIMARY: [\n']);
    const { exit, stdout, stderr } = await run(daq, '--root', tempDir(), '--header', header, '--count', '1', '--json');
    expect(stderr).toMatch(/^ccarchiver: HEADER_INVALID: [^\n]+\n$/);
    expect(exit).toBe(3);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ complete: 1, files: { raw: 9, corrected: 9 } });
  });

  it('names the section that a header package lacks, and archives that CCD with a partial header', async () => {
    const daq = await serveDaq([testImage(FIRST_IMAGE)]);
    const text = headerPackage(FIRST_IMAGE, SMALL_CAMERA).replace('R22S11_Segment04:', 'R22S11_Other:');
    const header = headersOf([FIRST_IMAGE, text]);
    const { exit, stderr } = await run(daq, '--root', tempDir(), '--header', header, '--count', '1');
    expect(stderr).toMatch(/^ccarchiver: HEADER_SECTION_MISSING: [^\n]*R22S11_Segment04[^\n]+\n$/);
    expect(exit).toBe(3);
  });

  it('ends at SIGTERM with what it has, and the next run goes on from there', async () => {
    const root = tempDir();
    const daq = await serveDaq(IMAGES);
    const camera = cameraFile(SMALL_CAMERA);
    const child = startCli(['run', '--daq', daq, '--camera', camera, '--root', root, '--header', bothHeaders()]);
    while (filesBelow(join(root, 'archive')).length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    const { exit } = await run(daq, '--root', root, '--header', bothHeaders(), '--count', '2');
    expect(exit).toBe(0);
    expect(filesBelow(join(root, 'archive'))).toHaveLength(36);
  });

  it('says that a target cannot be written, and does not wait for it for ever', async () => {
    const root = tempDir();
    writeFileSync(join(root, 'file'), '');
    const config = join(tempDir(), 'config.yaml');
    writeFileSync(config, `oods: {folder: ${join(root, 'file', 'oods')}}\n`);
    const daq = await serveDaq([testImage(FIRST_IMAGE)]);
    const flags = ['--root', root, '--header', bothHeaders(), '--config', config, '--count', '1', '--json'];
    const { exit, stdout, stderr } = await run(daq, ...flags);
    expect(exit).toBe(4);
    expect(
      stderr.split('\n').filter((line) => line !== '' && !/^ccarchiver: (FOLDER_UNWRITABLE|WRITE_FAILED): /.test(line)),
    ).toEqual([]);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ complete: 1, targets: { oods: 0, dbb: 9, prompt: 9 } });
  });
});
