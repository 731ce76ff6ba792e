import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { downloadImage } from '../../src/daq/capture/download.js';
import { CaptureFolder } from '../../src/daq/capture/folder.js';
import { tempDir } from '../support/temp.js';
import { type EmulationOptions, emulation, imageTag } from './emulation.js';
import { FIRST_IMAGE, LOCATIONS, SMALL_CAMERA } from './images.js';

async function download(options: EmulationOptions, patience = 5) {
  const { daq, image, store } = await emulation(options);
  const out = tempDir();
  const tag = await imageTag(daq);
  const progress: number[] = [];
  const failures = await downloadImage(tag, {
    daq,
    camera: SMALL_CAMERA,
    out,
    patience,
    onProgress: (bytes, of) => progress.push(bytes / of),
  });
  return { out, store, failures, image, progress };
}

describe('capturing from a DAQ', () => {
  it('stores the same bytes and facts, also while they land', async () => {
    const { out, store, failures, progress, image } = await download({ pace: 'realtime' });
    expect(failures).toEqual([]);
    for (const file of LOCATIONS.map((location) => `${FIRST_IMAGE}_R22_Reb${location.slice(3)}.raw`)) {
      expect(readFileSync(join(out, file)).equals(readFileSync(join(store, file)))).toBe(true);
    }
    const { description } = await new CaptureFolder(out, SMALL_CAMERA).load(FIRST_IMAGE);
    expect(description.sources).toEqual(image.description.sources);
    expect(description.events.at(-1)?.type).toBe('endOfImageTelemetry');
    expect(progress.at(-1)).toBe(1);
  });

  it('repeats what a damaged frame or a lost connection took', async () => {
    const script = [
      { location: '22/0', kind: 'corrupt', at: 300_000 },
      { location: '22/1', kind: 'disconnect', at: 1000 },
    ];
    expect((await download({ script })).failures).toEqual([]);
  });

  it.each([
    [{ kind: 'truncate', at: 500_000, done: true }, 'SOURCE_TRUNCATED'],
    [{ kind: 'truncate', at: 500_000 }, 'SOURCE_TRUNCATED'],
    [{ kind: 'empty' }, 'SOURCE_EMPTY'],
    [{ kind: 'corrupt', at: 10, stored: true, times: 99 }, 'SOURCE_CRC'],
  ])('leaves out a source that is not whole, and keeps the others: %j', async (fault, code) => {
    const { out, failures } = await download({ script: [{ location: '22/1', ...fault }] }, 0.3);
    expect(failures).toMatchObject([{ code }]);
    const { description } = await new CaptureFolder(out, SMALL_CAMERA).load(FIRST_IMAGE);
    expect(description.sources.map(({ location }) => location)).toEqual(['22/0', '22/2']);
    expect(description.image.locations).toEqual(LOCATIONS);
    expect(readdirSync(out).filter((file) => file.includes('Reb1'))).toEqual([]);
  });

  it('writes nothing when nothing is whole', async () => {
    const { daq } = await emulation({ script: [{ kind: 'empty' }] });
    const out = tempDir();
    const options = { daq, camera: SMALL_CAMERA, out, patience: 1, onProgress: () => undefined };
    await expect(downloadImage(await imageTag(daq), options)).rejects.toMatchObject({ code: 'SOURCE_EMPTY' });
    expect(readdirSync(out)).toEqual([]);
  });
});
