import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { loadCamera } from '../../camera/load.js';
import type { Camera } from '../../camera/types.js';
import { parseDocument } from './document.js';
import { fileError, readCapturedText } from './files.js';

const DEFAULT_CAMERA = 'comcam';

/**
 * The camera of a capture folder: `wanted` if it is given, else the one that its first readable document names, else ComCam.
 * @throws CAMERA_UNKNOWN, FILE_MISSING, FILE_UNREADABLE
 */
export async function captureCamera(folder: string, wanted?: string): Promise<Camera> {
  return loadCamera(wanted ?? (await recordedCamera(folder)) ?? DEFAULT_CAMERA);
}

/** Name of the camera that the folder's first readable document names. @throws FILE_MISSING, FILE_UNREADABLE */
export async function recordedCamera(folder: string): Promise<string | undefined> {
  let files: string[];
  try {
    files = (await readdir(folder)).filter((file) => file.endsWith('.json')).sort();
  } catch (error) {
    throw fileError(folder, error);
  }
  for (const file of files) {
    const path = join(folder, file);
    try {
      return parseDocument(path, file.slice(0, -'.json'.length), (await readCapturedText(path)) ?? '').camera;
    } catch {
      // Not a capture's document, or a damaged one: its own image reports that when it is loaded.
    }
  }
  return undefined;
}
