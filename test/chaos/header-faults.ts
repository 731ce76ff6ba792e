import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startEmulator } from '../../src/daq/emulator/emulator.js';
import type { Archiver } from '../../src/pipeline/archiver.js';
import type { FileRow, ImageRow } from '../../src/stage/port.js';
import { LOCATIONS } from '../daq/images.js';
import { headerPackage } from '../support/header-package.js';
import type { ChaosCase, ChaosContext, ChaosFindings } from './case.js';
import type { Random } from './random.js';
import { archiveSession } from './support/archiver.js';
import { CHAOS_CAMERA, imageName, makeStore, type Store } from './support/store.js';

/** Images of a round, all under way at once. */
const IMAGES = 24;
const DEADLINE_S = 8;
/** From the start of the archiver: while the images are taken, and before the deadline of the first of them. */
const FIRST_MS = 1500;
const LATE_MS = 4000;
const REVISED_MS = 30_000;

/** What the header service does with one image, and which flags its files may have then. */
interface Fault {
  readonly kind: string;
  /** Text that is there when the image is taken, and what is written later. */
  readonly atOnce?: string;
  readonly later?: { readonly ms: number; readonly text: string };
  readonly tooLate?: string;
  readonly flags: readonly FileRow['header'][];
}

const KINDS: readonly ((name: string, random: Random) => Fault)[] = [
  (name) => ({ kind: 'right', atOnce: whole(name), flags: ['COMPLETE'] }),
  () => ({ kind: 'missing', flags: ['MISSING'] }),
  (name) => ({ kind: 'late', later: { ms: LATE_MS, text: whole(name) }, flags: ['COMPLETE'] }),
  (name) => ({ kind: 'too late', tooLate: whole(name), flags: ['MISSING'] }),
  (name, random) => ({ kind: 'cut', atOnce: cut(whole(name), random), flags: ['COMPLETE', 'PARTIAL', 'MISSING'] }),
  (name, random) => ({ kind: 'without a CCD', atOnce: withoutCcd(name, random), flags: ['COMPLETE', 'PARTIAL'] }),
  () => ({ kind: 'of another image', atOnce: whole(imageName(999_999)), flags: ['MISSING'] }),
  (name, random) => ({
    kind: 'twice',
    atOnce: cut(whole(name), random),
    later: { ms: FIRST_MS, text: whole(name) },
    flags: ['COMPLETE', 'PARTIAL', 'MISSING'],
  }),
  (name) => ({ kind: 'contradicting', atOnce: contradicting(name), flags: ['COMPLETE'] }),
];

export const headerFaults: ChaosCase = {
  name: 'header-faults',
  promise:
    'Whatever the header service does, every image is archived at its deadline, each file says whether its header is whole, and a header that comes later makes version 2 with the same pixels.',
  needs: [],
  units: { test: 24, all: 120, full: 3000 },
  unit: 'header packages',
  run: runRounds,
};

async function runRounds({ units, folder, random, signal }: ChaosContext): Promise<ChaosFindings> {
  const images = Array.from({ length: IMAGES }, (_, index) => imageName(index + 1));
  const store = await makeStore(join(folder, 'store'), images, LOCATIONS);
  const counts = { packages: 0, files: 0, revised: 0, unflagged: 0 };
  const violations: string[] = [];
  for (let round = 0; counts.packages < units.count && !signal.aborted; round++) {
    const place = join(folder, `round-${round}`);
    const faults = new Map(images.map((name, index) => [name, kindOf(index + round)(name, random)]));
    const found = await runRound(store, place, faults);
    counts.packages += IMAGES;
    for (const name of ['files', 'revised', 'unflagged'] as const) counts[name] += found[name];
    violations.push(...found.violations.map((violation) => `round ${round}: ${violation}`));
    if (found.violations.length === 0) rmSync(place, { recursive: true, force: true });
  }
  return { counts, violations };
}

const kindOf = (index: number) => KINDS[index % KINDS.length] as (typeof KINDS)[number];

const whole = (name: string) => headerPackage(name, CHAOS_CAMERA);

function cut(text: string, random: Random): string {
  return text.slice(0, random.integer(1, text.length - 1));
}

function withoutCcd(name: string, random: Random): string {
  const slot = `R22S${random.integer(0, 2)}${random.integer(0, 2)}`;
  return whole(name).replace(new RegExp(`^${slot}_PRIMARY:\\n(- .*\\n| {2}.*\\n)+`, 'm'), '');
}

/** Of what the DAQ and the file itself know better. */
function contradicting(name: string): string {
  const record = (keyword: string, value: string) => `- keyword: ${keyword}\n  value: ${value}\n  comment: ''\n`;
  return whole(name).replace('PRIMARY:\n', `PRIMARY:\n${record('RAFTBAY', 'R99')}${record('CCDSLOT', 'S99')}`);
}

interface Found {
  files: number;
  revised: number;
  unflagged: number;
  readonly violations: string[];
}

async function runRound(store: Store, place: string, faults: ReadonlyMap<string, Fault>): Promise<Found> {
  const [root, headers] = [join(place, 'root'), join(place, 'headers')];
  mkdirSync(headers, { recursive: true });
  const write = (name: string, text: string) => writeFileSync(join(headers, `${name}.yaml`), text);
  for (const [name, { atOnce }] of faults) if (atOnce !== undefined) write(name, atOnce);
  const emulator = await startEmulator({
    store: store.folder,
    camera: CHAOS_CAMERA,
    endpoint: { host: '127.0.0.1', port: 0 },
    pace: 'max',
    start: 'first-subscriber',
  });
  for (const [name, { later }] of faults) {
    if (later !== undefined) setTimeout(() => write(name, later.text), later.ms);
  }
  try {
    const session = await archiveSession({
      daq: { kind: 'network', address: emulator.address },
      count: IMAGES,
      settings: {
        root,
        camera: store.camera,
        header: headers,
        deadlines: { header: DEADLINE_S },
        lateHeaders: { everySeconds: 0.2 },
        imagesInFlight: IMAGES,
        pool: { spillAfter: 1 },
      },
      afterwards: async (archiver) => {
        for (const [name, { tooLate }] of faults) if (tooLate !== undefined) write(name, tooLate);
        await untilRevised(archiver, faults);
      },
    });
    const found: Found = {
      files: 0,
      revised: 0,
      unflagged: 0,
      violations: session.refused.map(({ message }) => message),
    };
    for (const row of session.rows) checkImage(row, faults.get(row.obsid) as Fault, root, found);
    return found;
  } finally {
    await emulator.close();
  }
}

/** Every image that was archived without a header, and whose header came later, has its second version. */
async function untilRevised({ ledger }: Archiver, faults: ReadonlyMap<string, Fault>): Promise<void> {
  const end = performance.now() + REVISED_MS;
  for (const [name, fault] of faults) {
    const isLeft = async () => {
      const files = (await ledger.view().image(name))?.files ?? [];
      return files.length - 18 < revisionsOf(files, fault);
    };
    while ((await isLeft()) && performance.now() < end) await delay(50);
  }
}

/** How many files a header makes again that came after its image was archived without one. */
function revisionsOf(files: readonly FileRow[], { later, tooLate }: Fault): number {
  if ((later ?? tooLate) === undefined) return 0;
  return files.filter(({ file, header }) => file.product === 'raw' && file.version === 1 && header === 'MISSING')
    .length;
}

function checkImage(row: ImageRow, fault: Fault, root: string, found: Found): void {
  const wrong = (problem: string) => found.violations.push(`${row.obsid} (${fault.kind}): ${problem}`);
  const first = row.files.filter(({ file }) => file.version === 1);
  if (row.state !== 'complete' || first.length !== 18) wrong(`${row.state} with ${first.length} files`);
  for (const file of row.files) {
    found.files += 1;
    const isRevision = file.file.version === 2;
    if (!isRevision && !fault.flags.includes(file.header)) wrong(`${file.path} is flagged ${file.header}`);
    const problem = flagProblem(file, JSON.parse(readFileSync(join(root, file.sidecarPath), 'utf8')));
    if (problem !== undefined) {
      found.unflagged += 1;
      wrong(`${file.path}: ${problem}`);
    }
    if (!isRevision) continue;
    found.revised += 1;
    const original = first.find(({ file: { sensor, product } }) => sensor === file.file.sensor && product === 'raw');
    const pixels = (sums: readonly number[] | undefined) => sums?.slice(1).join(' ');
    if (pixels(original?.dataSums) !== pixels(file.dataSums)) wrong(`${file.path} has other pixels than version 1`);
  }
  const revised = row.files.length - first.length;
  if (revised !== revisionsOf(row.files, fault)) wrong(`${revised} files were revised`);
}

/** The header says what the ledger says, and one that is called whole holds what its package says of this CCD. */
function flagProblem({ file, header }: FileRow, cards: Readonly<Record<string, unknown>>): string | undefined {
  const flag = cards.HDRSTAT ?? 'COMPLETE';
  if (flag !== header) return `its header says ${flag}, the ledger ${header}`;
  if (cards.RAFTBAY !== file.raft || cards.CCDSLOT !== file.sensor)
    return `it calls itself ${cards.RAFTBAY} ${cards.CCDSLOT}`;
  if (header !== 'COMPLETE') return undefined;
  const slot = `${file.raft}${file.sensor}`;
  const isWhole = cards.OBJECT === 'LVV-T1549' && cards.TESTSLOT === slot;
  return isWhole ? undefined : `it is called COMPLETE, with OBJECT ${cards.OBJECT} and TESTSLOT ${cards.TESTSLOT}`;
}
