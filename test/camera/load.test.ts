import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cameraNames, loadCamera } from '../../src/camera/load.js';
import { packageRoot } from '../../src/model/package.js';
import { tempDir } from '../support/temp.js';

const withCode = (code: string) => expect.objectContaining({ code });
const shipped = (name: string) => join(packageRoot(), 'src', 'camera', `${name}.json`);

describe('loadCamera', () => {
  it('knows the shipped cameras by name, and each says its own name', () => {
    expect(cameraNames()).toEqual(['comcam', 'latiss', 'lsstcam']);
    for (const name of cameraNames()) expect(loadCamera(name).name).toBe(name);
  });

  it('takes a camera of one’s own from any .json path', () => {
    const path = join(tempDir(), 'mine.json');
    copyFileSync(shipped('latiss'), path);
    expect(loadCamera(path)).toEqual(loadCamera('latiss'));
  });

  it('reads a file once, whether by name or by path', () => {
    expect(loadCamera('comcam')).toBe(loadCamera('comcam'));
    expect(loadCamera(shipped('comcam'))).toBe(loadCamera('comcam'));
  });

  it.each(['hypercam', '', '../camera/comcam', 'COMCAM', '__proto__'])(
    'refuses the name %j and lists the known ones',
    (name) => {
      expect(() => loadCamera(name)).toThrow(withCode('CAMERA_UNKNOWN'));
      expect(() => loadCamera(name)).toThrow('choose one of comcam, latiss, lsstcam');
    },
  );

  it('says that a file is missing, unreadable or no JSON', () => {
    const folder = tempDir();
    expect(() => loadCamera(join(folder, 'none.json'))).toThrow(withCode('FILE_MISSING'));
    mkdirSync(join(folder, 'folder.json'));
    expect(() => loadCamera(join(folder, 'folder.json'))).toThrow(withCode('FILE_UNREADABLE'));
    writeFileSync(join(folder, 'bad.json'), '{ "name": ');
    expect(() => loadCamera(join(folder, 'bad.json'))).toThrow(withCode('CAMERA_DATA_INVALID'));
  });

  it('does not remember a file that it refused', () => {
    const path = join(tempDir(), 'later.json');
    writeFileSync(path, '{}');
    expect(() => loadCamera(path)).toThrow(withCode('CAMERA_DATA_INVALID'));
    copyFileSync(shipped('latiss'), path);
    expect(loadCamera(path).name).toBe('latiss');
  });
});
