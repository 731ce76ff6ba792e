import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadCamera } from '../../src/camera/load.js';
import { captureCamera } from '../../src/daq/capture/camera.js';
import { CaptureFolder } from '../../src/daq/capture/folder.js';
import { CaptureWriter } from '../../src/daq/capture/writer.js';
import { CaptureDaqSource } from '../../src/daq/capture.js';
import { tempDir } from '../support/temp.js';
import { FIRST_IMAGE, LOCATIONS, SECOND_IMAGE, SMALL_CAMERA, testImage, writeStore } from './images.js';

const RAW = `${FIRST_IMAGE}_R22_Reb1.raw`;
const META = `${FIRST_IMAGE}_R22_Reb1.meta`;
const DOCUMENT = `${FIRST_IMAGE}.json`;
const image = testImage(FIRST_IMAGE);
const bytes = image.packed.get('22/1') as Buffer;

async function captured(): Promise<string> {
  const folder = tempDir();
  await writeStore(folder, [image]);
  return folder;
}

/** Changes the capture's document as text. */
function edit(folder: string, change: (text: string) => string): void {
  const path = join(folder, DOCUMENT);
  writeFileSync(path, change(readFileSync(path, 'utf8')));
}

const load = (folder: string) => new CaptureFolder(folder, SMALL_CAMERA).load(FIRST_IMAGE);

describe('a captured image', () => {
  it('gives back what was captured', async () => {
    const { description, streams } = await load(await captured());
    expect(description).toEqual(image.description);
    expect([...streams.keys()]).toEqual(LOCATIONS);
    expect(readFileSync(streams.get('22/1')?.path ?? '').equals(bytes)).toBe(true);
  });

  it("has the register values in a .meta, as the camera's own tool writes them", async () => {
    const folder = await captured();
    expect(readFileSync(join(folder, META), 'utf8')).toBe('[0, 3, 45, 0, 0, 16, 0, 96, 0, 4, 1]\n');
  });

  it('is read from .raw and .meta alone, whose values are kept and not interpreted', async () => {
    const folder = await captured();
    rmSync(join(folder, DOCUMENT));
    writeFileSync(join(folder, META), '[7, 8, -9]\n');
    const { description, streams } = await load(folder);
    expect(streams.get('22/1')).toMatchObject({ bytes: bytes.length, unnamedRegisters: [7, 8, -9] });
    expect(streams.get('22/1')?.crc32).toBeUndefined();
    const source = image.description.sources[1];
    expect(description.sources[1]).toMatchObject({
      location: '22/1',
      serial: source?.serial,
      registers: source?.registers,
    });
    expect(description.image).toMatchObject({ name: FIRST_IMAGE, locations: LOCATIONS, folder: 'raw' });
  });

  it("is read under the names of the DAQ's own tool", async () => {
    const folder = tempDir();
    for (const [location, packed] of image.packed)
      writeFileSync(join(folder, `${FIRST_IMAGE}_22.${location.slice(3)}`), packed);
    const daq = new CaptureDaqSource(folder, SMALL_CAMERA);
    const [listed] = await daq.list();
    const into = new Uint8Array(bytes.length);
    await daq.read({ tag: listed?.tag ?? '', location: '22/1', offset: 0, length: bytes.length }, into);
    expect(Buffer.from(into).equals(bytes)).toBe(true);
    await daq.close();
  });

  it('without a REB is an image without that source', async () => {
    const folder = await captured();
    for (const file of [DOCUMENT, RAW, META]) rmSync(join(folder, file));
    expect((await load(folder)).description.image.locations).toEqual(['22/0', '22/2']);
  });

  it('tells its camera, so that a replay needs no flag', async () => {
    const folder = await captured();
    expect((await captureCamera(folder)).name).toBe('comcam');
    edit(folder, (text) => text.replace('"comcam"', '"latiss"'));
    expect((await captureCamera(folder)).name).toBe('latiss');
    expect((await captureCamera(folder, 'lsstcam')).name).toBe('lsstcam');
    expect((await captureCamera(tempDir())).name).toBe('comcam');
  });
});

describe('a capture that is not valid', () => {
  const expectError = async (folder: string, code: string, text: RegExp) => {
    await expect(load(folder)).rejects.toMatchObject({ code, message: expect.stringMatching(text) });
  };

  it.each([
    ['no JSON', (text: string) => text.slice(0, 100), /is no JSON/],
    ['another format', (text: string) => text.replace('ccarchiver capture', 'other'), /format/],
    ['another version', (text: string) => text.replace('"version": 1,', '"version": 2,'), /version/],
    ['a hostile image name', (text: string) => text.replaceAll(FIRST_IMAGE, '../../etc/passwd'), /IMAGE|passwd/],
    [
      "another image's name",
      (text: string) => text.replace(FIRST_IMAGE, SECOND_IMAGE),
      /describes CC_S_20261121_000002/,
    ],
    ['an impossible location', (text: string) => text.replaceAll('22/1', '99/9'), /location/],
    ['a source twice', (text: string) => text.replace('"location": "22/1"', '"location": "22/0"'), /twice/],
    ['another camera', (text: string) => text.replace('"comcam"', '"latiss"'), /of camera latiss/],
  ])('with a document that has %s', async (_what, change, text) => {
    const folder = await captured();
    edit(folder, change);
    await expect(load(folder)).rejects.toThrow(text);
  });

  it('with a stream cut short, or too long, or of no length', async () => {
    for (const length of [bytes.length - 1, bytes.length + 36, 0]) {
      const folder = await captured();
      truncateSync(join(folder, RAW), length);
      await expectError(
        folder,
        'CAPTURE_LENGTH',
        new RegExp(`${RAW} holds ${length} bytes, ${bytes.length} are needed`),
      );
      rmSync(join(folder, DOCUMENT));
      await expectError(folder, 'CAPTURE_LENGTH', new RegExp(`${RAW} holds ${length} bytes`));
    }
  });

  it('with a stream that is not there', async () => {
    const folder = await captured();
    rmSync(join(folder, RAW));
    await expectError(folder, 'FILE_MISSING', /Reb1/);
  });

  it.each([
    ['a pipe', (path: string) => execFileSync('mkfifo', [path])],
    ['a folder', (path: string) => mkdirSync(path)],
  ])('with %s in the place of one of its files', async (_what, make) => {
    const replaced = async (name: string) => {
      const folder = await captured();
      rmSync(join(folder, name));
      make(join(folder, name));
      return folder;
    };
    await expectError(await replaced(RAW), 'CAPTURE_INVALID', /Reb1.raw is not valid: it is no regular file/);
    const folder = await replaced(DOCUMENT);
    await expectError(folder, 'CAPTURE_INVALID', /json is not valid: it is no regular file/);
    expect((await captureCamera(folder)).name).toBe('comcam');
    const [listed] = await new CaptureDaqSource(folder, SMALL_CAMERA).list();
    expect(listed?.name).toBe(FIRST_IMAGE);
  });

  it('with one stream that cannot be read is described whole, and the other streams are read', async () => {
    for (const [damage, code] of [
      [(path: string) => truncateSync(path, 1000), 'CAPTURE_LENGTH'],
      [(path: string) => rmSync(path), 'FILE_MISSING'],
    ] as const) {
      const folder = await captured();
      damage(join(folder, RAW));
      const daq = new CaptureDaqSource(folder, SMALL_CAMERA);
      const { tag } = image.description.image;
      expect(await daq.describe(tag)).toEqual(image.description);
      const into = new Uint8Array(1000);
      await daq.read({ tag, location: '22/0', offset: 0, length: 1000 }, into);
      expect(image.packed.get('22/0')?.subarray(0, 1000).equals(into)).toBe(true);
      const range = { tag, location: '22/1', offset: 0, length: 1000 };
      await expect(daq.read(range, into)).rejects.toMatchObject({ code, retryable: false });
      await daq.close();
    }
  });

  it('with a source that the image does not count among its own: its pixels would be passed over', async () => {
    const folder = await captured();
    edit(folder, (text) => {
      const document = JSON.parse(text);
      document.image.locations = ['22/0', '22/2'];
      return JSON.stringify(document);
    });
    await expectError(folder, 'CAPTURE_INVALID', /22\/1/);
  });

  it('with registers of another geometry', async () => {
    const folder = await captured();
    edit(folder, (text) => text.replace('"value": 96', '"value": 97'));
    await expectError(folder, 'GEOMETRY_MISMATCH', /22\/0 says NAXIS2 101 but the camera data gives 100/);
  });

  it('with an expected length that its registers do not give', async () => {
    const folder = await captured();
    edit(folder, (text) => text.replace(`"expectedBytes": ${bytes.length}`, `"expectedBytes": ${bytes.length + 108}`));
    await expectError(folder, 'GEOMETRY_MISMATCH', /bytes/);
  });

  it('with a .meta that is no list of registers', async () => {
    const folder = await captured();
    rmSync(join(folder, DOCUMENT));
    writeFileSync(join(folder, META), '$(reboot)');
    await expectError(folder, 'CAPTURE_INVALID', /register values/);
  });

  it('is listed, described as what it is, and does not hide the others', async () => {
    const folder = await captured();
    await writeStore(folder, [testImage(SECOND_IMAGE)]);
    edit(folder, () => '{');
    const daq = new CaptureDaqSource(folder, SMALL_CAMERA);
    const images = await daq.list();
    expect(images.map(({ name }) => name)).toEqual([FIRST_IMAGE, SECOND_IMAGE]);
    await expect(daq.describe(images[0]?.tag ?? '')).rejects.toMatchObject({ code: 'CAPTURE_INVALID' });
    await expect(daq.describe(images[1]?.tag ?? '')).resolves.toMatchObject({ absent: [] });
  });

  it('in a folder without images, or in no folder', async () => {
    const folder = tempDir();
    writeFileSync(join(folder, 'notes.txt'), '');
    writeFileSync(join(folder, 'package.json'), '{}');
    writeFileSync(join(folder, 'x_R22_Reb0.raw'), '');
    writeFileSync(join(folder, `${FIRST_IMAGE}_R21_Reb0.raw`), '');
    await expect(new CaptureDaqSource(folder, SMALL_CAMERA).list()).rejects.toMatchObject({ code: 'CAPTURE_INVALID' });
    await expect(new CaptureDaqSource(join(folder, 'no'), SMALL_CAMERA).list()).rejects.toMatchObject({
      code: 'FILE_MISSING',
    });
  });

  it('that is cut while it is read', async () => {
    const folder = await captured();
    const daq = new CaptureDaqSource(folder, SMALL_CAMERA);
    const { tag } = image.description.image;
    await daq.describe(tag);
    truncateSync(join(folder, RAW), 1000);
    const into = new Uint8Array(2000);
    await expect(daq.read({ tag, location: '22/1', offset: 0, length: 2000 }, into)).rejects.toMatchObject({
      code: 'CAPTURE_LENGTH',
    });
    await daq.close();
  });
});

describe('writing a capture', () => {
  it('leaves nothing behind when it is given up', async () => {
    const folder = tempDir();
    const writer = new CaptureWriter(folder, SMALL_CAMERA, FIRST_IMAGE);
    await writer.stream('22/0');
    await writer.discard();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('shows no image before all of it is there', async () => {
    const folder = await captured();
    renameSync(join(folder, DOCUMENT), join(folder, 'hidden'));
    const writer = new CaptureWriter(folder, SMALL_CAMERA, SECOND_IMAGE);
    await writer.stream('22/0');
    expect(existsSync(join(folder, `${SECOND_IMAGE}_R22_Reb0.raw`))).toBe(false);
    await writer.discard();
  });

  it('refuses a name or a location that is none', async () => {
    const folder = tempDir();
    await expect(new CaptureWriter(folder, SMALL_CAMERA, '../x').stream('22/0')).rejects.toMatchObject({
      code: 'IMAGE_NAME_INVALID',
    });
    await expect(new CaptureWriter(folder, SMALL_CAMERA, FIRST_IMAGE).stream('21/0')).rejects.toMatchObject({
      code: 'LOCATION_UNKNOWN',
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('says when the folder cannot be written', async () => {
    const file = join(tempDir(), 'file');
    writeFileSync(file, '');
    const writer = new CaptureWriter(join(file, 'below'), loadCamera('comcam'), FIRST_IMAGE);
    await expect(writer.stream('22/0')).rejects.toMatchObject({ code: 'FOLDER_UNWRITABLE' });
  });
});
