import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { startEmulator } from '../../src/daq/emulator/emulator.js';
import { FaultScript } from '../../src/daq/emulator/faults.js';
import type { ImageRow } from '../../src/stage/port.js';
import { LOCATIONS, testImage } from '../daq/images.js';
import type { ChaosCase, ChaosContext, ChaosFindings } from './case.js';
import { type DrawnFault, drawFault } from './daq/drawn-fault.js';
import type { Random } from './random.js';
import { archiveSession } from './support/archiver.js';
import { CHAOS_CAMERA, imageName, makeStore, type Store } from './support/store.js';

/** Images of a round, which one archiver takes one after the other. */
const IMAGES = 20;
/** Of the image's sources, so many of ten have a fault. */
const FAULTY_OF_TEN = 8;

/** By image and location. */
type Drawn = ReadonlyMap<string, DrawnFault>;

/** By image, sensor and product: DATASUM of each HDU of a run without a fault. */
type Sums = ReadonlyMap<string, string>;

export const daqFaults: ChaosCase = {
  name: 'daq-faults',
  promise:
    'Whatever the DAQ does wrong with a source costs the CCDs of that source, each with the right reason, or nothing; every file that is acknowledged holds the pixels of the camera.',
  needs: [],
  units: { test: 40, all: 400, full: 10_000 },
  unit: 'faults',
  run: runRounds,
};

async function runRounds({ units, folder, random, signal }: ChaosContext): Promise<ChaosFindings> {
  const store = await makeStore(
    join(folder, 'store'),
    Array.from({ length: IMAGES }, (_, index) => imageName(index + 1)),
    LOCATIONS,
  );
  const sums = await sumsOf(store, join(folder, 'reference'));
  const counts = { faults: 0, passing: 0, images: 0, files: 0, silentlyAccepted: 0 };
  const violations: string[] = [];
  for (let round = 0; counts.faults < units.count && !signal.aborted; round++) {
    const root = join(folder, `round-${round}`);
    const drawn = draw(store, random, units.count - counts.faults);
    const found = await runRound(store, root, { drawn, sums });
    counts.faults += drawn.size;
    counts.passing += [...drawn.values()].filter(({ code }) => code === undefined).length;
    counts.images += IMAGES;
    counts.files += found.files;
    counts.silentlyAccepted += found.silentlyAccepted;
    violations.push(...found.violations.map((violation) => `round ${round}: ${violation}`));
    if (found.violations.length === 0) rmSync(root, { recursive: true, force: true });
  }
  return { counts, violations };
}

async function sumsOf({ folder, camera, images }: Store, root: string): Promise<Sums> {
  const daq = { kind: 'capture', folder, camera } as const;
  const { rows } = await archiveSession({ daq, settings: { root, camera } });
  rmSync(root, { recursive: true, force: true });
  const sums = new Map(rows.flatMap(({ files }) => files.map((file) => [keyOf(file), file.dataSums.join(' ')])));
  if (sums.size !== images.length * 18) throw new Error(`a run without a fault made ${sums.size} files`);
  return sums;
}

const keyOf = ({ file }: ImageRow['files'][number]) => `${file.obsid} ${file.sensor} ${file.product}`;

function draw({ images }: Store, random: Random, most: number): Drawn {
  const drawn = new Map<string, DrawnFault>();
  for (const name of images) {
    for (const [location, bytes] of testImage(name, CHAOS_CAMERA).packed) {
      if (drawn.size === most || random.integer(1, 10) > FAULTY_OF_TEN) continue;
      drawn.set(`${name} ${location}`, drawFault(random, bytes.length));
    }
  }
  return drawn;
}

interface Round {
  readonly drawn: Drawn;
  readonly sums: Sums;
}

interface Found {
  files: number;
  silentlyAccepted: number;
  readonly violations: string[];
}

async function runRound(store: Store, root: string, round: Round): Promise<Found> {
  const script = [...round.drawn].map(([key, { fault }]) => {
    const [image, location] = key.split(' ');
    return { image, location, ...fault };
  });
  const emulator = await startEmulator({
    store: store.folder,
    camera: CHAOS_CAMERA,
    endpoint: { host: '127.0.0.1', port: 0 },
    pace: 'max',
    start: 'first-subscriber',
    faults: FaultScript.parse({ faults: script }, 'the round'),
  });
  try {
    const daq = { kind: 'network', address: emulator.address } as const;
    const settings = { root, camera: store.camera, bandRows: 8, pool: { megabytes: 64 } };
    const { rows, refused } = await archiveSession({ daq, count: store.images.length, settings });
    const found: Found = { files: 0, silentlyAccepted: 0, violations: refused.map(({ message }) => message) };
    for (const name of store.images) {
      const row = rows.find(({ obsid }) => obsid === name);
      if (row === undefined) found.violations.push(`${name} has no row`);
      else checkImage(row, round, found);
    }
    return found;
  } finally {
    await emulator.close();
  }
}

/** Each CCD has both files with the right pixels, or the failure that its source's fault must bring. */
function checkImage(row: ImageRow, { drawn, sums }: Round, found: Found): void {
  for (const file of row.files) {
    found.files += 1;
    if (file.dataSums.join(' ') === sums.get(keyOf(file))) continue;
    found.silentlyAccepted += 1;
    found.violations.push(`${keyOf(file)} holds other pixels than the camera's`);
  }
  for (const location of LOCATIONS) {
    const expected = drawn.get(`${row.obsid} ${location}`);
    const isOfSource = ({ sensor }: { readonly sensor: string }) => sensor.startsWith(`S${location.at(-1)}`);
    const files = row.files.filter(({ file }) => isOfSource(file)).length;
    const codes = row.failures.filter(isOfSource).map(({ error }) => error.code);
    const isRight =
      expected?.code === undefined
        ? files === 6 && codes.length === 0
        : files === 0 && codes.length === 6 && codes.every((code) => code === expected.code);
    if (isRight) continue;
    const told = [...new Set(codes)].join(', ') || 'no failure';
    found.violations.push(`${row.obsid} ${location} (${JSON.stringify(expected)}): ${files} files, ${told}`);
  }
}
