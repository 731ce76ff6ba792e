import { parseObsId } from '../../model/ids.js';

/** One exposure to take: which stored image it shows, and under which name. */
export interface Take {
  readonly stored: string;
  readonly name: string;
  /** 1-based. */
  readonly index: number;
}

export interface PlaylistOptions {
  /** Names of stored images, in the order in which they are taken. */
  readonly images: readonly string[];
  readonly repeat: boolean;
  /** Exposures in all; without it one round, or for ever with `repeat`. */
  readonly count?: number;
}

/** Stored images one after the other. From the second round on each gets the next free sequence number of its day, because an image name is used once. */
export function* playlist(options: PlaylistOptions): Generator<Take> {
  const { images, repeat, count = Number.POSITIVE_INFINITY } = options;
  const last = new Map<string, number>();
  for (const image of images) {
    const { seqnum } = parseObsId(image);
    last.set(series(image), Math.max(seqnum, last.get(series(image)) ?? 0));
  }
  for (let index = 1; index <= count; index++) {
    const stored = images[(index - 1) % images.length];
    if (stored === undefined || (index > images.length && !repeat)) return;
    yield { stored, name: index <= images.length ? stored : nextName(stored, last), index };
  }
}

/** How many exposures the playlist asks for; 0 when it has no end. */
export function playlistLength({ images, repeat, count }: PlaylistOptions): number {
  if (repeat) return count ?? 0;
  return Math.min(count ?? images.length, images.length);
}

/** Images of one series share the counter: camera, controller and day. */
function series(image: string): string {
  return image.slice(0, image.lastIndexOf('_'));
}

function nextName(stored: string, last: Map<string, number>): string {
  const seqnum = (last.get(series(stored)) ?? 0) + 1;
  last.set(series(stored), seqnum);
  return parseObsId(`${series(stored)}_${String(seqnum).padStart(6, '0')}`).text;
}
