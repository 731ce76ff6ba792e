import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmulator } from '../../src/daq/emulator/emulator.js';
import type { Hdu } from '../../src/fits/hdu.js';
import { readFits } from '../../src/fits/reader.js';
import { verifyFits } from '../../src/fits/verify.js';
import { sidecarPath } from '../../src/fits/verify-sidecar.js';
import { digestFile } from '../../src/model/digest.js';
import { loadNative } from '../../src/native/binding.js';
import type { FileRow } from '../../src/stage/port.js';
import { FIRST_IMAGE, SMALL_CAMERA, testImage, writeStore } from '../daq/images.js';
import { type Archived, archive, filesBelow } from '../support/archive.js';
import { headerPackage } from '../support/header-package.js';
import { describeOracle, runOracle } from '../support/oracles.js';
import { keptTempDir } from '../support/temp.js';

const SENSORS = ['S00', 'S01', 'S02', 'S10', 'S11', 'S12', 'S20', 'S21', 'S22'];
const IMAGE_FOLDER = `LSSTComCam/20261121/${FIRST_IMAGE}`;
const RAW_NAMES = SENSORS.map((sensor) => `${IMAGE_FOLDER}/${FIRST_IMAGE}_R22_${sensor}`);
const COPIES = ['archive', 'oods', 'dbb'];

/** One exposure of ComCam, from the emulated DAQ through header service, archiver and hand-off: the observatory's test LVV-T1549. */
const { path: folder, remove } = keptTempDir();
const root = join(folder, 'root');
let archived: Archived;

beforeAll(async () => {
  const [store, headers] = [join(folder, 'store'), join(folder, 'headers')];
  await writeStore(store, [testImage(FIRST_IMAGE)]);
  mkdirSync(headers);
  writeFileSync(join(headers, `${FIRST_IMAGE}.yaml`), headerPackage(FIRST_IMAGE, SMALL_CAMERA));
  const endpoint = { host: '127.0.0.1', port: 0 };
  const emulator = await startEmulator({ store, camera: SMALL_CAMERA, endpoint, pace: 'max' });
  try {
    archived = await archive({
      address: emulator.address,
      camera: SMALL_CAMERA,
      root,
      settings: { header: headers },
    });
  } finally {
    await emulator.close();
  }
});
afterAll(remove);

function rawFiles(): FileRow[] {
  return archived.rows.flatMap((row) => row.files).filter(({ file }) => file.product === 'raw');
}

function withHdus<T>(path: string, use: (hdus: readonly Hdu[]) => T): T {
  const fits = readFits(path);
  try {
    return use(fits.hdus);
  } finally {
    fits.close();
  }
}

describe('LVV-T1549: one DAQ image', () => {
  it('becomes nine raw files and nothing else in the archive, each with its sidecar', () => {
    expect(archived.problems).toEqual([]);
    expect(archived.rows.map(({ state }) => state)).toEqual(['complete']);
    expect(filesBelow(join(root, 'archive'))).toEqual(RAW_NAMES.flatMap((name) => [`${name}.fits`, `${name}.json`]));
    expect(filesBelow(join(root, 'quarantine'))).toEqual([]);
    expect(filesBelow(join(root, '.tmp'))).toEqual([]);
  });

  it.each(SENSORS)('%s has its own header, complete, from camera data, DAQ and header package', (sensor) => {
    withHdus(join(root, 'archive', IMAGE_FOLDER, `${FIRST_IMAGE}_R22_${sensor}.fits`), ([primary, ...others]) => {
      const ccd = SMALL_CAMERA.rafts[0]?.rebs.flatMap((reb) => reb.ccds).find((one) => one.sensor === sensor);
      const value = (keyword: string) => primary?.value(keyword);
      expect(value('OBSID')).toBe(FIRST_IMAGE);
      expect(value('RAFTBAY')).toBe('R22');
      expect(value('CCDSLOT')).toBe(sensor);
      expect(value('CCD_SERN')).toBe(ccd?.serial);
      expect(value('OBJECT')).toBe('LVV-T1549');
      expect(value('TESTSLOT')).toBe(`R22${sensor}`);
      expect(primary?.card('HDRSTAT')).toBeUndefined();
      const segments = others.slice(0, 16);
      expect(segments.map((hdu) => hdu.value('TESTSEG'))).toEqual(
        segments.map(({ extname }) => `R22${sensor}_${extname}`),
      );
      expect(others.slice(16).map(({ extname }) => extname)).toEqual(['REB_COND', 'CONFIG_COND']);
    });
  });

  it('is hard-linked into OODS and DBB: one inode, three names, read-only', () => {
    for (const name of RAW_NAMES.flatMap((base) => [`${base}.fits`, `${base}.json`])) {
      const [first, ...links] = COPIES.map((copy) => statSync(join(root, copy, name)));
      expect(links.map(({ ino }) => ino)).toEqual([first?.ino, first?.ino]);
      expect(first?.nlink).toBe(3);
      expect((first?.mode ?? 0) & 0o777).toBe(0o444);
    }
    for (const copy of ['oods', 'dbb']) {
      expect(filesBelow(join(root, copy))).toEqual(RAW_NAMES.flatMap((name) => [`${name}.fits`, `${name}.json`]));
    }
  });

  it('reaches prompt processing corrected, and only there', () => {
    expect(filesBelow(join(root, 'bucket'))).toEqual(RAW_NAMES.flatMap((name) => [`${name}.fits`, `${name}.json`]));
    for (const name of RAW_NAMES) {
      const corrected = (copy: string) => withHdus(join(root, copy, `${name}.fits`), ([hdu]) => hdu?.value('XTALKCOR'));
      expect(corrected('bucket')).toBe(true);
      expect(corrected('archive')).toBeUndefined();
    }
  });
});

describe('LVV-T283: the raw files', () => {
  it('are well-formed: structure, every sum, every pixel and the sidecar', () => {
    for (const name of RAW_NAMES) {
      const report = verifyFits(join(root, 'archive', `${name}.fits`), loadNative(), 'required');
      expect(report.problems.map(String)).toEqual([]);
      expect(report.checksums).toEqual({ verified: 19, absent: 0 });
      expect(report.images).toMatchObject({ decoded: 16, verified: 16 });
    }
  });

  describeOracle('fitsverify', 'judged by fitsverify', (tool) => {
    it('have no error', () => {
      const { stdout } = runOracle(
        tool,
        RAW_NAMES.map((name) => join(root, 'archive', `${name}.fits`)),
      );
      expect(stdout.match(/\*\*\* Error/g)).toBeNull();
      expect(stdout.match(/ 0 error\(s\)/g)).toHaveLength(9);
    });
  });
});

describe('LVV-T285, LVV-T286: the digests', () => {
  it('SHA-256 and MD5 agree in the ledger, at every copy and in the manifest of the Data Backbone', async () => {
    expect(rawFiles()).toHaveLength(9);
    for (const row of rawFiles()) {
      const below = row.path.replace('archive/', '');
      for (const copy of COPIES) {
        const digests = await digestFile(join(root, copy, below), ['sha256', 'md5'], row.bytes);
        const { sha256: sidecarSha256 } = await digestFile(sidecarPath(join(root, copy, below)), ['sha256']);
        expect({ ...digests, sidecarSha256 }).toEqual(row.seal);
      }
      const manifest = JSON.parse(readFileSync(join(root, 'manifests', below.replace(/fits$/, 'json')), 'utf8'));
      const { sha256, md5 } = row.seal ?? {};
      expect(manifest).toMatchObject({ file: below, bytes: row.bytes, sha256, md5 });
    }
  });
});
