import type { PixelDecoder } from '../fits/pixels.js';
import { type FitsFile, readFits } from '../fits/reader.js';
import { type ArchiverError, asArchiverError } from '../model/errors.js';
import type { ImageTools } from '../native/tools.js';
import { assembleCcd } from './assemble.js';
import type { CcdIdentity } from './identify.js';
import { type Layout, layOut } from './layout.js';
import { readSegments } from './segments.js';

export type PictureTools = PixelDecoder & ImageTools;

export interface CcdFile {
  readonly path: string;
  readonly identity: CcdIdentity;
}

/** An 8-bit grey picture, top row first. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
  readonly bin: number;
  /** In adu above the overscan: what became black and white. */
  readonly range: { readonly low: number; readonly high: number };
  readonly drawn: readonly string[];
  /** Slots of the raft that stay dark. */
  readonly missing: readonly string[];
  /** Files that could not be read; their CCDs stay dark too. */
  readonly failures: readonly { readonly path: string; readonly error: ArchiverError }[];
}

export interface DrawOptions {
  /** raft: with every CCD of it; ccds: only those that are given. */
  readonly extent: 'raft' | 'ccds';
  readonly bin?: number | undefined;
  /** Told after each file. */
  readonly progress?: ((done: number, of: number) => void) | undefined;
}

/**
 * Draws CCDs of one raft: trimmed, overscan subtracted row by row, assembled, binned, zscaled to 8 bits. Holds one CCD at a time.
 * @param files one per CCD, all of the same camera and raft, at least one
 */
export function drawPicture(
  files: readonly [CcdFile, ...CcdFile[]],
  tools: PictureTools,
  options: DrawOptions,
): Picture {
  const { camera, raft } = files[0].identity;
  const given = files.map(({ identity }) => identity.ccd.sensor);
  const all = raft.rebs.flatMap((reb) => reb.ccds).map(({ sensor }) => sensor);
  const layout = layOut(camera, raft, options.extent === 'raft' ? all : given, options.bin);
  const canvas = new Float32Array(layout.width * layout.height).fill(Number.NaN);
  const { drawn, failures } = drawCcds(files, tools, { layout, canvas, progress: options.progress });
  const range = tools.zscale(canvas);
  const pixels = new Uint8Array(canvas.length);
  tools.stretch(canvas, layout.width, range, pixels);
  const missing = [...layout.corners.keys()].filter((sensor) => !drawn.includes(sensor));
  return { width: layout.width, height: layout.height, pixels, bin: layout.bin, range, drawn, missing, failures };
}

function drawCcds(
  files: readonly CcdFile[],
  tools: PictureTools,
  on: Omit<Canvas, 'scratch'> & Pick<DrawOptions, 'progress'>,
): Pick<Picture, 'drawn' | 'failures'> {
  const drawn: string[] = [];
  const failures: { path: string; error: ArchiverError }[] = [];
  let scratch: Float32Array | undefined;
  for (const file of files) {
    try {
      scratch = drawCcd(file, tools, { ...on, scratch });
      drawn.push(file.identity.ccd.sensor);
    } catch (error) {
      failures.push({ path: file.path, error: asArchiverError(error) });
    }
    on.progress?.(drawn.length + failures.length, files.length);
  }
  return { drawn, failures };
}

interface Canvas {
  readonly layout: Layout;
  readonly canvas: Float32Array;
  readonly scratch: Float32Array | undefined;
}

/** @returns the assembled pixels, whose memory the next CCD may use */
function drawCcd({ path, identity }: CcdFile, tools: PictureTools, on: Canvas): Float32Array {
  const segments = withFile(path, (file) => readSegments(file, identity, tools));
  const options = { subtractOverscan: true, into: on.scratch };
  const { width, height, pixels } = assembleCcd(segments, identity.type, tools, options);
  const [x, y] = on.layout.corners.get(identity.ccd.sensor) ?? [0, 0];
  tools.binImage(pixels, { width, height, bin: on.layout.bin, canvasWidth: on.layout.width, x, y }, on.canvas);
  return pixels;
}

function withFile<T>(path: string, use: (file: FitsFile) => T): T {
  const file = readFits(path);
  try {
    return use(file);
  } finally {
    file.close();
  }
}
