import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { ChaosCase, ChaosContext, ChaosFindings } from './case.js';
import { hostileName } from './daq/hostile-name.js';
import { serveNames } from './daq/name-server.js';
import type { Random } from './random.js';
import { pathsBelow } from './storage/tree.js';
import { archiveSession } from './support/archiver.js';
import { makeStore } from './support/store.js';

const IMAGES = 500;
/** Longer ones, and what stands behind a NUL, the DAQ's own record of an image cannot hold. */
const WIRE_BYTES = 63;
/** The grammar of image names (raw-format: <CC>_<controller>_<yyyymmdd>_<6 digits>), said once more so that the product's own is not its judge. */
const RIGHT = /^[A-Z]{2}_[A-Z]_\d{8}_\d{6}$/;
/** What an archiver that has archived nothing has below its root. */
const OWN = /^(ledger\.sqlite(-wal|-shm)?|lock(-journal)?)$/;

export const names: ChaosCase = {
  name: 'names',
  promise:
    'An image whose name is none is refused with IMAGE_NAME_INVALID; no name makes a file, inside the data root or outside.',
  needs: [],
  units: { test: 500, all: 3000, full: 10_000 },
  unit: 'hostile names',
  run: runRounds,
};

async function runRounds({ units, folder, random, signal }: ChaosContext): Promise<ChaosFindings> {
  const { camera } = await makeStore(join(folder, 'store'), []);
  const outside = join(folder, 'outside');
  const counts = { names: 0, outside: 0, inside: 0 };
  const violations: string[] = [];
  for (let round = 0; counts.names < units.count && !signal.aborted; round++) {
    const root = join(outside, 'a', 'b', 'c', `root-${round}`);
    mkdirSync(root, { recursive: true });
    const drawn = drawNames(random, Math.min(IMAGES, units.count - counts.names));
    const { refused, rows } = await refuseAll(drawn, { root, camera });
    counts.names += drawn.length;
    const others = refused.filter(({ code }) => code !== 'IMAGE_NAME_INVALID');
    if (refused.length !== drawn.length || rows.length > 0)
      violations.push(`${refused.length} of ${drawn.length} refused`);
    for (const error of others) violations.push(`${error.code}: ${error.message}`);
  }
  for (const path of pathsBelow(outside)) {
    const [, , , root = '', ...below] = relative(outside, path).split('/');
    if (root.startsWith('root-') && OWN.test(below.join('/'))) continue;
    counts[root.startsWith('root-') ? 'inside' : 'outside'] += 1;
    violations.push(`a name has made ${path}`);
  }
  return { counts, violations };
}

function drawNames(random: Random, count: number): string[] {
  const drawn = new Set<string>();
  while (drawn.size < count) {
    const name = hostileName(random);
    const onWire = Buffer.byteLength(name) <= WIRE_BYTES && !name.includes('\0');
    if (onWire && !RIGHT.test(name)) drawn.add(name);
  }
  return [...drawn];
}

async function refuseAll(
  drawn: readonly string[],
  { root, camera }: { readonly root: string; readonly camera: string },
) {
  const server = await serveNames(drawn);
  try {
    const daq = { kind: 'network', address: server.address } as const;
    return await archiveSession({ daq, count: drawn.length, settings: { root, camera, imagesInFlight: 16 } });
  } finally {
    await server.close();
  }
}
