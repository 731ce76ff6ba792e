import type { Camera } from '../../camera/types.js';
import { readFits } from '../../fits/reader.js';
import { ArchiverError } from '../../model/errors.js';
import { loadNative } from '../../native/binding.js';
import type { CapturedSource } from '../capture/document.js';
import { CaptureWriter } from '../capture/writer.js';
import { type FitsFacts, fitsFacts } from './facts.js';
import { type FitsFlags, type FitsIdentity, identify } from './identity.js';
import { type CcdImages, packSource } from './pack.js';
import { openSegments } from './segments.js';

export interface FitsCaptureOptions {
  readonly files: readonly string[];
  readonly flags: FitsFlags;
  /** Folder of the captures. */
  readonly out: string;
  readonly onProgress: (done: number, of: number) => void;
}

interface Input {
  readonly path: string;
  readonly identity: FitsIdentity;
  readonly facts: FitsFacts;
}

/**
 * Turns FITS files of single CCDs into captured DAQ images, one per exposure. CCDs of a REB without a file are zero pixels and marked absent.
 * @returns the names of the images
 * @throws CAPTURE_FLAG_NEEDED, CAPTURE_INVALID, GEOMETRY_MISMATCH, FITS_*, FILE_*, FOLDER_UNWRITABLE, DISK_FULL
 */
export async function captureFits(options: FitsCaptureOptions): Promise<string[]> {
  const images = new Map<string, Input[]>();
  for (const path of options.files) {
    const input = readInput(path, options.flags);
    const obsid = input.identity.obsid.text;
    images.set(obsid, [...(images.get(obsid) ?? []), input]);
  }
  for (const inputs of images.values()) checkTogether(inputs);
  let done = 0;
  const step = () => options.onProgress(++done, options.files.length);
  for (const [obsid, inputs] of images) await captureImage(obsid, inputs, options.out, step);
  return [...images.keys()];
}

function readInput(path: string, flags: FitsFlags): Input {
  const file = readFits(path);
  try {
    const identity = identify(file, flags);
    return { path, identity, facts: fitsFacts(file, identity) };
  } finally {
    file.close();
  }
}

function checkTogether(inputs: readonly Input[]): void {
  const first = inputs[0];
  const slots = new Map<string, string>();
  for (const { path, identity } of inputs) {
    const fail = (problem: string) => new ArchiverError('CAPTURE_INVALID', { path, problem });
    const slot = slotOf(identity);
    const other = slots.get(slot);
    if (other !== undefined) throw fail(`it holds ${slot} of ${identity.obsid.text}, and so does ${other}`);
    if (identity.camera !== first?.identity.camera) throw fail(`it is of another camera than ${first?.path}`);
    slots.set(slot, path);
  }
}

function slotOf({ place }: FitsIdentity): string {
  return `${place.raft.bay}_${place.ccd.sensor}`;
}

async function captureImage(obsid: string, inputs: readonly Input[], out: string, step: () => void): Promise<void> {
  const [first] = inputs;
  if (first === undefined) return;
  const { camera } = first.identity;
  const writer = new CaptureWriter(out, camera, obsid);
  try {
    const sources: CapturedSource[] = [];
    for (const board of boards(inputs)) sources.push(await captureBoard(camera, board, writer, step));
    const { image, events, common } = first.facts;
    await writer.publish({
      camera: camera.name,
      image: { ...image, locations: sources.map(({ location }) => location) },
      sources,
      absent: boards(inputs).flatMap(absentSlots),
      events,
      conditions: {
        '*': common,
        ...Object.fromEntries(inputs.map(({ facts }) => [facts.source.location, facts.board])),
      },
    });
  } finally {
    await writer.discard();
  }
}

/** The inputs of each REB, in order of location. */
function boards(inputs: readonly Input[]): Input[][] {
  const byLocation = new Map<string, Input[]>();
  for (const input of inputs) {
    const { location } = input.identity.place.reb;
    byLocation.set(location, [...(byLocation.get(location) ?? []), input]);
  }
  return [...byLocation].sort(([a], [b]) => a.localeCompare(b)).map(([, board]) => board);
}

function absentSlots(board: readonly Input[]): string[] {
  const place = board[0]?.identity.place;
  const there = new Set(board.map(({ identity }) => slotOf(identity)));
  return (place?.reb.ccds ?? []).map(({ sensor }) => `${place?.raft.bay}_${sensor}`).filter((slot) => !there.has(slot));
}

async function captureBoard(
  camera: Camera,
  board: readonly Input[],
  writer: CaptureWriter,
  step: () => void,
): Promise<CapturedSource> {
  const [first] = board;
  if (first === undefined) throw new ArchiverError('INTERNAL', { problem: 'a board without files' });
  const { source } = first.facts;
  const native = loadNative();
  const open = board.map(({ path, identity }) => ({ identity, file: readFits(path) }));
  try {
    const ccds = first.identity.place.reb.ccds.map((ccd): CcdImages => {
      const input = open.find(({ identity }) => identity.place.ccd === ccd);
      if (input === undefined) return { path: '', segments: null };
      return { path: input.file.path, segments: openSegments(input.file, input.identity, native) };
    });
    const target = { camera, location: source.location, path: await writer.stream(source.location) };
    const { bytes, crc32 } = await packSource(native, target, ccds);
    for (const _ of board) step();
    return { ...source, bytes, crc32 };
  } finally {
    for (const { file } of open) file.close();
  }
}
