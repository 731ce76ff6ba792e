import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, it, onTestFinished } from 'vitest';
import { jsonLines, runCli, startCli } from '../support/cli.js';
import { tempDir } from '../support/temp.js';
import { FIRST_IMAGE, SECOND_IMAGE, SMALL_CAMERA } from './images.js';

interface Scene {
  readonly folder: string;
  readonly camera: string;
  readonly store: string;
}

/** A folder with the small camera as a data file and two synthetic images. */
async function synthetic(): Promise<Scene> {
  const folder = tempDir();
  const camera = join(folder, 'small.json');
  writeFileSync(camera, JSON.stringify(SMALL_CAMERA));
  const store = join(folder, 'store');
  const { exit, stdout } = await runCli([
    'daq',
    'synth',
    '--store',
    store,
    '--camera',
    camera,
    '--stars',
    '3',
    '--json',
  ]);
  expect(exit).toBe(0);
  expect(jsonLines(stdout)).toEqual([
    { obsid: FIRST_IMAGE, store },
    { obsid: SECOND_IMAGE, store },
  ]);
  return { folder, camera, store };
}

/** Starts `daq serve` and waits for the address that it prints. */
async function serve(
  { store, camera }: Scene,
  ...flags: string[]
): Promise<{ address: string; end: () => Promise<number | null> }> {
  const child = startCli(['daq', 'serve', '--store', store, '--camera', camera, '--port', '0', ...flags]);
  const exited = once(child, 'exit');
  const end = async () => {
    child.kill('SIGTERM');
    return ((await exited) as [number | null])[0];
  };
  onTestFinished(async () => void (await end()));
  const [line] = (await once(createInterface({ input: child.stdout ?? expect.fail() }), 'line')) as [string];
  return { address: (JSON.parse(line) as { listening: string }).listening, end };
}

describe('daq synth, daq serve and capture', () => {
  it('make a store, take it, and capture it with the same bytes', async () => {
    const scene = await synthetic();
    const { address, end } = await serve(scene, '--pace', 'max', '--start-now');
    const out = join(scene.folder, 'out');
    const captured = await runCli([
      'capture',
      '--daq',
      address,
      '--camera',
      scene.camera,
      '--image',
      SECOND_IMAGE,
      '--out',
      out,
      '--json',
    ]);
    expect(captured).toMatchObject({ exit: 0, stderr: '' });
    expect(jsonLines(captured.stdout)).toEqual([{ obsid: SECOND_IMAGE, folder: out }]);
    const raws = readdirSync(out).filter((file) => file.endsWith('.raw'));
    expect(raws).toHaveLength(3);
    for (const file of raws)
      expect(readFileSync(join(out, file)).equals(readFileSync(join(scene.store, file)))).toBe(true);
    expect(await end()).toBe(0);
  });

  it('begin with the first subscriber, so that a fresh emulator gives its first image to who asks', async () => {
    const scene = await synthetic();
    const { address } = await serve(scene);
    const out = join(scene.folder, 'out');
    const { exit, stdout } = await runCli(['capture', '--daq', address, '--camera', scene.camera, '--out', out]);
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: `${FIRST_IMAGE}\n` });
  });

  it('report a source that a fault cut short, keep the others, and end with its exit code', async () => {
    const scene = await synthetic();
    const faults = join(scene.folder, 'faults.json');
    writeFileSync(faults, JSON.stringify({ faults: [{ location: '22/2', kind: 'truncate', at: 5000, done: true }] }));
    const { address } = await serve(scene, '--pace', 'max', '--faults', faults);
    const out = join(scene.folder, 'out');
    const { exit, stderr } = await runCli(['capture', '--daq', address, '--camera', scene.camera, '--out', out]);
    expect(exit).toBe(6);
    expect(stderr).toBe(
      `ccarchiver: SOURCE_TRUNCATED: Source 22/2 in ${FIRST_IMAGE} ended at 5000 of 691200 bytes; the CCDs of this REB are incomplete\n`,
    );
    expect(readdirSync(out).filter((file) => file.endsWith('.raw'))).toHaveLength(2);
  });
});

describe('bad input', () => {
  const line = (stderr: string) => stderr.trimEnd().split('\n');

  it.each([
    ['an unknown camera', ['daq', 'synth', '--store', 'S', '--camera', 'wfcam'], 2, 'CAMERA_UNKNOWN'],
    ['a hostile image name', ['daq', 'synth', '--store', 'S', '--obsid', '../../x'], 3, 'IMAGE_NAME_INVALID'],
    ['no number', ['daq', 'synth', '--store', 'S', '--sky', 'dark'], 2, 'USAGE'],
    ['a pace that is none', ['daq', 'serve', '--store', 'S', '--pace', 'slow'], 2, 'USAGE'],
    ['a store that is not there', ['daq', 'serve', '--store', 'S'], 3, 'FILE_MISSING'],
    ['nothing to capture from', ['capture', '--out', 'S'], 2, 'USAGE'],
    ['an address that is none', ['capture', '--daq', 'nowhere', '--out', 'S'], 2, 'CONFIG_INVALID'],
    ['a DAQ that is not there', ['capture', '--daq', '127.0.0.1:1', '--out', 'S'], 5, 'DAQ_UNREACHABLE'],
    ['a file that is not there', ['capture', '--from-fits', 'no.fits', '--out', 'S'], 3, 'FILE_MISSING'],
  ])('%s is one line with its code, and leaves nothing behind', async (_what, args, exit, code) => {
    const store = join(tempDir(), 'S');
    const result = await runCli(args.map((arg) => (arg === 'S' ? store : arg)));
    expect(result.exit).toBe(exit);
    expect(line(result.stderr)).toEqual([expect.stringMatching(new RegExp(`^ccarchiver: ${code}: `))]);
    expect(existsSync(store)).toBe(false);
  });

  it('a port in use', async () => {
    const scene = await synthetic();
    const { address } = await serve(scene);
    const again = await runCli([
      'daq',
      'serve',
      '--store',
      scene.store,
      '--camera',
      scene.camera,
      '--port',
      address.split(':')[1] ?? '',
    ]);
    expect(again.exit).toBe(2);
    expect(line(again.stderr)).toEqual([
      expect.stringMatching(/^ccarchiver: PORT_IN_USE: Address 127\.0\.0\.1:\d+ is in use/),
    ]);
  });
});
