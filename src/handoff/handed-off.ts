import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { ccdOfName, type Product } from '../model/ids.js';
import { hasCode } from '../model/write-failure.js';
import type { FileRow, LedgerView } from '../stage/port.js';

/** One image's folder at a target. */
export interface HandedOffImage {
  readonly path: string;
  readonly dayobs: string;
  readonly obsid: string;
  readonly version: number;
}

const OBSID = /^[A-Z]{2}_[A-Z]_(\d{8})_\d{6}$/;

/** The images in a target's folder, oldest observing day first; what has no name of ours is left out. */
export async function* handedOffImages(root: string): AsyncGenerator<HandedOffImage> {
  yield* imagesOf(root, 1);
  for (const version of (await namesIn(join(root, '.revisions'))).map(Number).filter(Number.isInteger)) {
    yield* imagesOf(join(root, '.revisions', `${version}`), version);
  }
}

async function* imagesOf(root: string, version: number): AsyncGenerator<HandedOffImage> {
  const instruments = (await namesIn(root)).filter((name) => !name.startsWith('.'));
  const days = await Promise.all(
    instruments.map(async (name) =>
      (await namesIn(join(root, name))).map((day) => ({ day, folder: join(root, name, day) })),
    ),
  );
  for (const { day, folder } of days.flat().sort((a, b) => (a.day < b.day ? -1 : 1))) {
    for (const obsid of (await namesIn(folder)).sort()) {
      if (OBSID.exec(obsid)?.[1] === day) yield { path: join(folder, obsid), dayobs: day, obsid, version };
    }
  }
}

/** A file that was delivered and still has its name at the target. */
export interface HandedOffFile {
  readonly path: string;
  readonly row: FileRow;
}

/** The files of an image that the ledger knows as delivered to this target; anything else there is not ours to judge. */
export async function handedOffFiles(
  image: HandedOffImage,
  ledger: Pick<LedgerView, 'image'>,
  { target, product }: { readonly target: string; readonly product: Product },
): Promise<HandedOffFile[]> {
  const names = (await namesIn(image.path)).filter((name) => ccdOfName(name)?.obsid === image.obsid);
  const rows = names.length === 0 ? [] : ((await ledger.image(image.obsid))?.files ?? []);
  return names.flatMap((name) => {
    const ccd = ccdOfName(name);
    const row = rows.find(
      ({ file }) =>
        file.raft === ccd?.raft &&
        file.sensor === ccd.sensor &&
        file.product === product &&
        file.version === image.version,
    );
    const isDelivered = row?.deliveries.some(
      (delivery) => delivery.target === target && delivery.state === 'delivered',
    );
    return row !== undefined && isDelivered === true ? [{ path: join(image.path, name), row }] : [];
  });
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error) => {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw error;
  });
}
