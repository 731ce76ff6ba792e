import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseTree } from '../../src/config/file.js';
import { parseDocument, parseMeta } from '../../src/daq/capture/document.js';
import { documentName, streamName } from '../../src/daq/capture/names.js';
import { CaptureDaqSource } from '../../src/daq/capture.js';
import { encodeFrame, FRAME } from '../../src/daq/wire/frame.js';
import { decodeControl } from '../../src/daq/wire/messages.js';
import { decodeImage, decodeSource, encodeImage, encodeSource } from '../../src/daq/wire/metadata.js';
import { FrameReader } from '../../src/daq/wire/reader.js';
import { forEachBand, openImage } from '../../src/fits/pixels.js';
import { readFitsBytes } from '../../src/fits/reader.js';
import { verifyStructure } from '../../src/fits/verify-structure.js';
import { verifyStoredSums } from '../../src/fits/verify-sums.js';
import { parsePackage } from '../../src/header/parse.js';
import { ArchiverError } from '../../src/model/errors.js';
import { loadNative } from '../../src/native/binding.js';
import { CHAOS_CAMERA, imageOf } from '../chaos/support/store.js';
import { headerPackage } from '../support/header-package.js';
import type { Seeds } from './seeds.js';
import type { FuzzTarget } from './target.js';

const IMAGE = 'CC_S_20261121_000001';

/** The readers of everything that comes from outside, one target each. */
export function fuzzTargets(seeds: Seeds): readonly FuzzTarget[] {
  return [
    fits(seeds),
    captureDocument(seeds),
    captureFolder(seeds),
    captureMeta(),
    headerPackages(seeds),
    configuration(),
    daqFrames(),
    daqMessages(),
  ];
}

/** Headers, structure, sums, and every pixel of what is still an image. */
function fits({ fits: files }: Seeds): FuzzTarget {
  const core = loadNative();
  return {
    name: 'fits',
    seeds: files,
    run: (input) => {
      const file = readFitsBytes('fuzz', input);
      for (const hdu of file.hdus) {
        for (const card of hdu.cards) hdu.value(card.keyword);
        verifyStructure(hdu);
        verifyStoredSums(hdu, core);
        const image = openImage(hdu, core);
        if (image !== undefined && image.columns * image.rows < 1 << 20) forEachBand(image, () => undefined);
      }
      file.close();
    },
  };
}

function captureDocument({ documents }: Seeds): FuzzTarget {
  return {
    name: 'capture-document',
    seeds: documents,
    run: (input) => void parseDocument('fuzz', IMAGE, input.toString('utf8')),
  };
}

/** A folder whose document is not what it was: listed, described, and read as far as it says. */
function captureFolder({ documents, store }: Seeds): FuzzTarget {
  const path = join(store.folder, documentName(IMAGE));
  return {
    name: 'capture-folder',
    seeds: documents,
    run: async (input) => {
      writeFileSync(path, input);
      const daq = new CaptureDaqSource(store.folder, CHAOS_CAMERA);
      for (const { tag } of await daq.list()) {
        for (const { location, expectedBytes } of (await daq.describe(tag)).sources) {
          const into = new Uint8Array(Math.min(4096, Math.max(1, expectedBytes)));
          await daq.read({ tag, location, offset: 0, length: into.length }, into);
        }
      }
      await daq.close();
    },
  };
}

function captureMeta(): FuzzTarget {
  const seeds = ['[0, 3, 509, 64, 2048]\n', '[]', `[${'4294967295, '.repeat(15)}-1]`].map((text) => Buffer.from(text));
  const name = streamName(CHAOS_CAMERA, IMAGE, '22/0', 'meta');
  return { name: 'capture-meta', seeds, run: (input) => void parseMeta(name, input.toString('utf8')) };
}

function headerPackages({ packages }: Seeds): FuzzTarget {
  const playback = `{\n"__CONTENT__": "metadata",\n"OBSID": "${IMAGE}",\n"EXPTIME": 30.0,\n"HIERARCH.A.B": null\n}\n`;
  const text = headerPackage(IMAGE, CHAOS_CAMERA);
  const made = [text, playback, text.replaceAll("''", '"a: [b, {c: d}]"')].map((one) => Buffer.from(one));
  return {
    name: 'header-package',
    seeds: [...made, ...packages],
    run: (input) => {
      try {
        parsePackage(input.toString('utf8'), { where: 'fuzz', obsid: IMAGE });
      } catch (error) {
        if (!(error instanceof ArchiverError) || error.code !== 'HEADER_WRONG_IMAGE') throw error;
      }
    },
  };
}

/** Settings as they stand in docs/settings.md, and in the forms that YAML has. */
function configuration(): FuzzTarget {
  const yaml =
    'root: /data\ncamera: lsstcam\npool:\n  megabytes: 2048\nproducts: [raw, corrected]\n# a comment\ndeadlines: {source: 60, header: 35}\n';
  const json = '{"root": "/data", "redis": {"url": "redis://127.0.0.1:6379", "prefix": "a"}, "threads": 2}';
  return {
    name: 'configuration',
    seeds: [yaml, json, ''].map((one) => Buffer.from(one)),
    run: (input) => void parseTree(input.toString('utf8'), 'fuzz'),
  };
}

/** Frames of each kind that a client gets. */
function frames(): { readonly type: number; readonly payload: Buffer }[] {
  const { description } = imageOf(IMAGE, ['22/0']);
  const [source] = description.sources;
  const json = (message: object) => Buffer.from(JSON.stringify(message));
  const landed = { image: description.image.tag, location: '22/0', bytes: 195_072, done: true, crc32: 1 };
  return [
    { type: FRAME.HELLO, payload: json({ request: 1, version: 1 }) },
    { type: FRAME.IMAGE, payload: encodeImage(description.image) },
    ...(source === undefined
      ? []
      : [{ type: FRAME.SOURCE, payload: encodeSource(source, description.image.triggerNs) }]),
    { type: FRAME.LANDED, payload: json(landed) },
    { type: FRAME.END, payload: json({ request: 1 }) },
  ];
}

/** The stream, in pieces: most changes break a sum, so this is about lengths, types and order. */
function daqFrames(): FuzzTarget {
  return {
    name: 'daq-frames',
    seeds: [Buffer.concat(frames().map(({ type, payload }) => encodeFrame(type, payload)))],
    run: (input) => {
      const reader = new FrameReader({ frame: decodeAny });
      for (let at = 0; at < input.length; at += 61) reader.push(input.subarray(at, at + 61));
    },
  };
}

const KINDS: readonly number[] = Object.values(FRAME).filter((type) => type !== FRAME.DATA);

/** What stands in a frame whose sum is right: the number of its kind, then its payload. Kinds that no side knows end the connection before they are read. */
function daqMessages(): FuzzTarget {
  return {
    name: 'daq-messages',
    seeds: frames().map(({ type, payload }) => Buffer.concat([Buffer.of(KINDS.indexOf(type)), payload])),
    run: (input) => decodeAny(KINDS[(input[0] ?? 0) % KINDS.length] ?? FRAME.END, 0, input.subarray(1)),
  };
}

function decodeAny(type: number, _flags: number, payload: Buffer): void {
  if (type === FRAME.IMAGE) decodeImage(payload);
  else if (type === FRAME.SOURCE) decodeSource(payload);
  else if (KINDS.includes(type)) decodeControl(type as typeof FRAME.END, payload);
}
