import { type FileHandle, open, readdir, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { crc32 } from 'node:zlib';
import { CaptureWriter } from '../daq/capture/writer.js';
import type { DaqNotice } from '../daq/port.js';
import { ArchiverError, asArchiverError, type ErrorCode } from '../model/errors.js';
import { limitedTo } from '../model/signals.js';
import { isoFromTai, taiNow } from '../model/time.js';
import { hasCode, writeFailure } from '../model/write-failure.js';
import type { ImagePlan } from './identify.js';
import type { ArchiveServices } from './services.js';

/** What is wrong with the bytes themselves, so that another try or another machine may have to look at them. */
const BY_THEIR_BYTES: readonly ErrorCode[] = [
  'ASSEMBLER_DIED',
  'ASSEMBLER_HUNG',
  'SOURCE_CRC',
  'SOURCE_TRUNCATED',
  'GEOMETRY_MISMATCH',
];

/** Bytes asked of the DAQ at once: ten of its pages. */
const BLOCK_BYTES = 1_950_720;
/** How long the DAQ may take to tell how much there is. */
const PATIENCE_MS = 5000;

export interface BadSource {
  readonly location: string;
  readonly error: ArchiverError;
}

/**
 * Keeps the bytes of sources that no file could be made of, as captures below quarantine/sources/<image>/, each with a `reason.json` that says why, and how to
 * replay them. Only within `quarantine.megabytes`; one that is kept already is left as it is. What fails here is reported and costs nothing else.
 */
export async function setAside(
  image: ImagePlan,
  bad: readonly BadSource[],
  services: ArchiveServices,
  signal: AbortSignal,
): Promise<void> {
  for (const source of bad) {
    if (signal.aborted || !BY_THEIR_BYTES.includes(source.error.code)) continue;
    try {
      await keep(image, source, services, signal);
    } catch (error) {
      services.report.problem(asArchiverError(error), image.obsid.text);
    }
  }
}

async function keep(image: ImagePlan, bad: BadSource, services: ArchiveServices, signal: AbortSignal): Promise<void> {
  const { root, quarantine } = services.settings;
  const all = join(root, 'quarantine', 'sources');
  const folder = join(all, image.obsid.text, bad.location.replace('/', '_'));
  const reason = join(folder, 'reason.json');
  if ((await sizeBelow(reason)) > 0) return;
  const expected = image.description.sources.find(({ location }) => location === bad.location)?.expectedBytes ?? 0;
  if ((await sizeBelow(all)) + expected > quarantine.megabytes * 1e6) return;
  const kept = await capture(image, bad.location, folder, { services, signal });
  const { code, message } = bad.error;
  const { clock, camera } = services;
  const replay = `ccarchiver replay ${resolve(folder)} --camera ${camera.name} --products raw,corrected --out <folder>`;
  const time = isoFromTai(taiNow(clock));
  const text = { obsid: image.obsid.text, location: bad.location, code, message, time, ...kept, replay };
  await writeFile(reason, `${JSON.stringify(text, null, 2)}\n`, { flush: true }).catch((error) => {
    throw writeFailure(error, reason);
  });
}

interface Keeping {
  readonly services: ArchiveServices;
  readonly signal: AbortSignal;
}

/** The stream as the DAQ has it, whole or not, with the sum that the DAQ gives it. */
async function capture(image: ImagePlan, location: string, folder: string, { services, signal }: Keeping) {
  const { description, obsid, tag } = image;
  const info = description.sources.find((source) => source.location === location);
  if (info === undefined) throw new ArchiverError('DAQ_NO_SOURCE', { image: obsid.text, location });
  const { bytes, crc32: told } = await landed(image, location, { services, signal });
  const writer = new CaptureWriter(folder, services.camera, obsid.text);
  try {
    const path = await writer.stream(location);
    const sum = await copy({ tag, location, bytes }, path, services);
    const source = { ...info, bytes, crc32: told ?? sum };
    const whole = { ...description, image: { ...description.image, locations: [location] } };
    await writer.publish({ ...whole, camera: services.camera.name, sources: [source] });
    return { bytes, crc32: sum };
  } finally {
    await writer.discard();
  }
}

/** What the DAQ has of a source now. @throws DAQ_TIMEOUT */
async function landed(
  { tag, obsid }: ImagePlan,
  location: string,
  { services, signal }: Keeping,
): Promise<Extract<DaqNotice, { type: 'landed' }>> {
  const patience = limitedTo(PATIENCE_MS, signal);
  try {
    for await (const notice of services.daq.watch({ tag, signal: patience.signal })) {
      if (notice.type === 'landed' && notice.location === location) return notice;
    }
  } finally {
    patience.release();
  }
  throw new ArchiverError('DAQ_TIMEOUT', { what: `${location} of ${obsid.text}`, seconds: PATIENCE_MS / 1000 });
}

/** @returns the CRC-32 of what was copied */
async function copy(
  { tag, location, bytes }: { readonly tag: string; readonly location: string; readonly bytes: number },
  path: string,
  { daq }: ArchiveServices,
): Promise<number> {
  const buffer = new Uint8Array(BLOCK_BYTES);
  let sum = 0;
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r+');
    for (let offset = 0; offset < bytes; offset += BLOCK_BYTES) {
      const block = buffer.subarray(0, Math.min(BLOCK_BYTES, bytes - offset));
      await daq.read({ tag, location, offset, length: block.length }, block);
      await file.writeFile(block);
      sum = crc32(block, sum);
    }
    return sum;
  } catch (error) {
    throw writeFailure(error, path);
  } finally {
    await file?.close();
  }
}

/** Bytes of a file or of all files below a folder; 0 when nothing is there. */
async function sizeBelow(path: string): Promise<number> {
  const names = await readdir(path, { recursive: true }).catch((error) => {
    if (hasCode(error, 'ENOENT')) return undefined;
    if (hasCode(error, 'ENOTDIR')) return [''];
    throw error;
  });
  const sizes = (names ?? []).map(async (name) =>
    stat(join(path, name)).then((found) => (found.isFile() ? found.size : 0)),
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}
