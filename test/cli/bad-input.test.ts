import { execFileSync } from 'node:child_process';
import { existsSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ERRORS, type ErrorCode } from '../../src/model/errors.js';
import { lockRoot } from '../../src/stage/root-lock.js';
import { FIRST_IMAGE, SMALL_CAMERA, testImage } from '../daq/images.js';
import { cameraFile, filesBelow } from '../support/archive.js';
import { jsonLines, runCli } from '../support/cli.js';
import { storeOf } from '../support/serve.js';
import { tempDir } from '../support/temp.js';

/** Nobody listens there: the DAQ of cases that must end before they ask for it. */
const NO_DAQ = ['--daq', '127.0.0.1:1'];

function file(name: string, text: string): string {
  const path = join(tempDir(), name);
  writeFileSync(path, text);
  return path;
}

/** The command ends by itself with the table's exit code, one line on stderr and nothing on stdout. @returns the line */
async function expectRefused(code: ErrorCode, args: readonly string[]): Promise<string> {
  const { exit, stdout, stderr } = await runCli(args, { timeout: 20_000 });
  expect(stderr).toMatch(new RegExp(`^ccarchiver: ${code}: [^\\n]+\\n$`));
  expect(stdout).toBe('');
  expect(exit).toBe(ERRORS[code].exit);
  return stderr;
}

const WRONG_SETTINGS: readonly [title: string, code: ErrorCode, args: () => readonly string[]][] = [
  ['an unknown camera', 'CAMERA_UNKNOWN', () => ['--camera', 'hubble']],
  ['a camera file that is none', 'CAMERA_DATA_INVALID', () => ['--camera', file('camera.json', '{"name": 1}')]],
  ['a settings file that is not there', 'FILE_MISSING', () => ['--config', '/nonexistent.yaml']],
  ['a settings file that is no YAML', 'CONFIG_INVALID', () => ['--config', file('config.yaml', 'root: [\n')]],
  ['a setting that does not exist', 'CONFIG_INVALID', () => ['--config', file('config.yaml', 'rooot: /data\n')]],
  ['a setting out of its range', 'CONFIG_INVALID', () => ['--config', file('config.yaml', 'bandRows: 4096\n')]],
  [
    'a product for prompt processing that is not made',
    'CONFIG_INVALID',
    () => ['--config', file('config.yaml', 'products: [corrected]\nprompt: {product: raw}\n')],
  ],
  ['an unknown flag', 'USAGE', () => ['--fast']],
  ['a flag with a wrong value', 'USAGE', () => ['--count', 'many']],
  ['a folder of headers that is not there', 'FILE_MISSING', () => ['--header', '/nonexistent']],
  ['a folder of headers that is a file', 'FILE_UNREADABLE', () => ['--header', file('headers', '')]],
  ['a folder that cannot be made', 'FOLDER_UNWRITABLE', () => ['--root', join(file('file', ''), 'root')]],
  ['a file system that takes no folders', 'FOLDER_UNWRITABLE', () => ['--root', '/proc/ccarchiver']],
];

describe('run, given what cannot work', () => {
  it.each(WRONG_SETTINGS)('%s: one line with its code, and nothing is made', async (_title, code, args) => {
    const root = join(tempDir(), 'root');
    await expectRefused(code, ['run', ...NO_DAQ, '--root', root, ...args()]);
    expect(existsSync(root)).toBe(false);
  });

  it('a DAQ that nobody runs: one line with its code', async () => {
    await expectRefused('DAQ_UNREACHABLE', ['run', ...NO_DAQ, '--root', tempDir()]);
  });

  it('a root that another archiver owns: one line with its process, and nothing is touched', async () => {
    const root = tempDir();
    const lock = await lockRoot(root);
    onTestFinished(() => lock.release());
    const before = filesBelow(root);
    expect(await expectRefused('ROOT_LOCKED', ['run', ...NO_DAQ, '--root', root])).toContain(String(process.pid));
    expect(filesBelow(root)).toEqual(before);
  });
});

describe('run, given products of which prompt processing gets none', () => {
  const given = (text: string) => ['run', ...NO_DAQ, '--root', tempDir(), '--config', file('config.yaml', text)];

  it('names both settings', async () => {
    const line = await expectRefused('CONFIG_INVALID', given('products: [raw]\n'));
    expect(line).toMatch(/prompt\.product is corrected, .*products \(raw\)/);
  });

  it('does not mind when prompt processing gets nothing at all', async () => {
    await expectRefused('DAQ_UNREACHABLE', given('products: [raw]\nprompt: {enabled: false}\n'));
  });
});

describe('daq serve, given what cannot work', () => {
  it('a port in use: one line with its code', async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
    onTestFinished(() => void server.close());
    const store = ['--store', await storeOf([testImage(FIRST_IMAGE)]), '--camera', cameraFile(SMALL_CAMERA)];
    await expectRefused('PORT_IN_USE', ['daq', 'serve', ...store, '--port', String(port)]);
  });
});

describe('replay, given what cannot work', () => {
  const replay = (folder: string, ...args: readonly string[]) => [
    ...['replay', folder, '--camera', cameraFile(SMALL_CAMERA), '--out', join(tempDir(), 'out')],
    ...args,
  ];

  it('a folder that is not there, or that holds no capture', async () => {
    await expectRefused('FILE_MISSING', replay('/nonexistent'));
    await expectRefused('CAPTURE_INVALID', replay(tempDir()));
  });

  it('a product that does not exist', async () => {
    await expectRefused('USAGE', replay(tempDir(), '--products', 'raw,flat'));
  });

  it('a folder of header packages that is not there', async () => {
    await expectRefused('FILE_MISSING', replay(await storeOf([testImage(FIRST_IMAGE)]), '--header', '/nonexistent'));
  });

  it('a header package that is not there is reported at once, for no later one will come', async () => {
    const store = await storeOf([testImage(FIRST_IMAGE)]);
    const { exit, stdout, stderr } = await runCli(replay(store, '--header', tempDir(), '--json'), { timeout: 20_000 });
    expect(stderr).toMatch(/^ccarchiver: HEADER_MISSING: [^\n]+\n$/);
    expect(exit).toBe(ERRORS.HEADER_MISSING.exit);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ images: 1, complete: 1, files: { raw: 9 } });
  });

  it('a pipe in the place of a document costs that image, and the next one is archived', async () => {
    const store = await storeOf([testImage(FIRST_IMAGE), testImage('CC_S_20261121_000002')]);
    rmSync(join(store, `${FIRST_IMAGE}.json`));
    execFileSync('mkfifo', [join(store, `${FIRST_IMAGE}.json`)]);
    const { exit, stdout, stderr } = await runCli(replay(store, '--json'), { timeout: 20_000 });
    expect(stderr).toMatch(/^ccarchiver: CAPTURE_INVALID: [^\n]+\n$/);
    expect(exit).toBe(3);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ images: 2, complete: 1, failed: 1, files: { raw: 9 } });
  });

  it.each([1000, 0])('a stream of the wrong length (%i bytes) costs the CCDs of that REB only', async (length) => {
    const store = await storeOf([testImage(FIRST_IMAGE)]);
    truncateSync(join(store, `${FIRST_IMAGE}_R22_Reb1.raw`), length);
    const root = tempDir();
    const args = ['replay', store, '--camera', cameraFile(SMALL_CAMERA), '--out', root, '--json'];
    const { exit, stdout, stderr } = await runCli(args, { timeout: 40_000 });
    expect(stderr).toMatch(/^ccarchiver: CAPTURE_LENGTH: [^\n]+\n$/);
    expect(exit).toBe(3);
    expect(jsonLines(stdout).at(-1)).toMatchObject({ images: 1, incomplete: 1, files: { raw: 6 } });
    const names = filesBelow(join(root, 'archive')).filter((name) => name.endsWith('.fits'));
    expect(names.map((name) => name.slice(-8, -5))).toEqual(['S00', 'S01', 'S02', 'S20', 'S21', 'S22']);
  });
});
