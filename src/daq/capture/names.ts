import { createHash } from 'node:crypto';
import { rebByBoard, rebByLocation } from '../../camera/geometry.js';
import type { Camera } from '../../camera/types.js';
import { parseObsId } from '../../model/ids.js';

/** What a file in a capture folder is, told from its name alone; the name is rebuilt from these parts wherever it is used. */
export type CaptureFile =
  /** `<image>.json`, ours. */
  | { readonly kind: 'document'; readonly image: string }
  /** `<image>_R22_Reb0.raw` */
  | { readonly kind: 'raw'; readonly image: string; readonly location: string }
  /** `<image>_22.0`: the same bytes under the name that the DAQ's own tool gives. */
  | { readonly kind: 'bare'; readonly image: string; readonly location: string };

const DOCUMENT = /^(\w+)\.json$/;
const RAW = /^(\w+)_(R[0-4][0-4])_(Reb[0-2GW])\.raw$/;
const BARE = /^(\w+)_([0-4][0-4])\.([0-2])$/;

/** Undefined for files that are no part of a capture, and for boards or image names that cannot be. */
export function parseCaptureFile(camera: Camera, file: string): CaptureFile | undefined {
  try {
    const document = DOCUMENT.exec(file);
    if (document !== null) return { kind: 'document', image: imageName(document[1]) };
    const raw = RAW.exec(file);
    if (raw !== null) {
      const { reb } = rebByBoard(camera, raw[2] ?? '', raw[3] ?? '');
      return { kind: 'raw', image: imageName(raw[1]), location: reb.location };
    }
    const bare = BARE.exec(file);
    if (bare === null) return undefined;
    const { reb } = rebByLocation(camera, `${bare[2]}/${bare[3]}`);
    return { kind: 'bare', image: imageName(bare[1]), location: reb.location };
  } catch {
    return undefined;
  }
}

export function documentName(image: string): string {
  return `${imageName(image)}.json`;
}

/** `<image>_R22_Reb0.raw` or `.meta`. @throws IMAGE_NAME_INVALID, LOCATION_UNKNOWN */
export function streamName(camera: Camera, image: string, location: string, extension: 'raw' | 'meta'): string {
  const { raft, reb } = rebByLocation(camera, location);
  return `${imageName(image)}_${raft.bay}_${reb.board}.${extension}`;
}

export function bareName(image: string, location: string): string {
  return `${imageName(image)}_${location.slice(0, 2)}.${location.slice(3)}`;
}

/** An image id for images that never had one: 64 bits that depend on the name alone. */
export function tagOfName(image: string): string {
  return createHash('sha256').update(image).digest().readBigUInt64BE(0).toString(16);
}

function imageName(text: string | undefined): string {
  return parseObsId(text ?? '').text;
}
