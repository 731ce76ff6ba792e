import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ArchiverError } from '../model/errors.js';
import { packageRoot } from '../model/package.js';
import { cameraSchema } from './schema.js';
import type { Camera } from './types.js';

const loaded = new Map<string, Camera>();

/**
 * A camera by its name (comcam, lsstcam, latiss) or from a data file of one's own, whose path ends in .json. Each file is read and validated once per
 * process and thread; callers share the result and must not change it.
 * @throws ArchiverError CAMERA_UNKNOWN, CAMERA_DATA_INVALID, FILE_MISSING, FILE_UNREADABLE
 */
export function loadCamera(nameOrPath: string): Camera {
  const path = nameOrPath.endsWith('.json') ? resolve(nameOrPath) : shippedPath(nameOrPath);
  const camera = loaded.get(path) ?? parseCamera(readText(path), path);
  loaded.set(path, camera);
  return camera;
}

/** Names of the cameras that come with the program. */
export function cameraNames(): string[] {
  return readdirSync(dataFolder())
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort();
}

/** Parses and validates the text of a camera data file; `file` is its name in messages. @throws ArchiverError CAMERA_DATA_INVALID */
export function parseCamera(text: string, file: string): Camera {
  const result = cameraSchema.safeParse(parseJson(text, file));
  if (result.success) return result.data;
  const [first, ...others] = result.error.issues;
  const where = first?.path.join('.') || 'the file';
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  throw new ArchiverError('CAMERA_DATA_INVALID', { file, problem: `${where}: ${first?.message}${more}` });
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ArchiverError(
      'CAMERA_DATA_INVALID',
      { file, problem: `no JSON: ${(cause as Error).message}` },
      { cause },
    );
  }
}

function shippedPath(name: string): string {
  const known = cameraNames();
  if (!known.includes(name)) throw new ArchiverError('CAMERA_UNKNOWN', { camera: name, known: known.join(', ') });
  return join(dataFolder(), `${name}.json`);
}

function dataFolder(): string {
  return join(packageRoot(), 'src', 'camera');
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new ArchiverError(reason === 'ENOENT' ? 'FILE_MISSING' : 'FILE_UNREADABLE', { path, reason }, { cause });
  }
}
