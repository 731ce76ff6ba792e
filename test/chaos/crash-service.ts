import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/model/clock.js';
import { distFile } from '../../src/model/package.js';
import { LedgerThread, SqliteLedger } from '../../src/stage/ledger/client.js';
import type { FileRow } from '../../src/stage/port.js';
import type { ChaosCase, ChaosContext, ChaosFindings } from './case.js';
import { addVerdict, checkComplete, checkNames, type Expected, newVerdict } from './storage/check.js';
import type { Acknowledgement } from './storage/layer.js';
import { digestsBelow } from './storage/tree.js';
import { runChild, type Told } from './support/process.js';
import { Shim, type Strike } from './support/shim.js';
import { imageName, makeStore, type Store } from './support/store.js';

const IMAGES = [1, 2, 3].map(imageName);

interface Service {
  readonly store: Store;
  readonly expected: Expected;
  readonly operations: number;
}

/**
 * The whole archiver with its assembler process: at a random file operation, every other time all of its processes are killed, else only the one
 * that does the operation. A coordinator that lives must finish by itself; then the archiver is started again.
 */
export const crashService: ChaosCase = {
  name: 'crash-service',
  promise:
    'A kill of the service, or of one of its processes, at any file operation loses nothing that its ledger holds; the next start finishes the rest.',
  needs: ['preload'],
  units: { test: 2, all: 20, full: 200 },
  unit: 'kills',
  run: runKills,
};

async function runKills({ units, folder, random, signal }: ChaosContext): Promise<ChaosFindings> {
  const service = await prepareService(folder);
  const verdict = newVerdict();
  const restart: number[] = [];
  const reached = { services: 0, processes: 0, healed: 0 };
  for (let unit = units.first; unit < units.first + units.count && !signal.aborted; unit++) {
    const place = join(folder, `kill-${unit}`);
    const found = newVerdict();
    const at = random.integer(1, service.operations);
    const action = unit % 2 === 0 ? 'kill' : 'die';
    reached[action === 'kill' ? 'services' : 'processes'] += 1;
    const told = await archive(service, place, { action, at });
    if (told.code === 0 && told.struck > 0) reached.healed += 1;
    const root = join(place, 'root');
    checkNames(root, service.expected, await factsOf(root), found);
    if (told.struck === 0) found.exposed = 0; // it ended before its fault
    const start = performance.now();
    const again = await archive(service, place, { action: 'count', at: 0 });
    restart.push(performance.now() - start);
    if (again.code !== 0)
      found.violations.push(`the next start ended with ${again.code ?? again.signal}: ${again.stderr}`);
    checkComplete(root, service.expected, found);
    if (found.violations.length === 0) rmSync(place, { recursive: true, force: true });
    addVerdict(verdict, found, `kill ${unit} (${action} at operation ${at})`);
  }
  const { violations, ...counts } = verdict;
  return { counts: { ...counts, ...reached }, ms: { restart }, violations };
}

async function prepareService(folder: string): Promise<Service> {
  const store = await makeStore(join(folder, 'store'), IMAGES);
  const place = join(folder, 'reference');
  const told = await archive({ store, expected: new Map(), operations: 0 }, place, { action: 'count', at: 0 });
  if (told.code !== 0) throw new Error(`a run without a fault ended with ${told.code}: ${told.stderr}`);
  const expected = digestsBelow(join(place, 'root'));
  rmSync(place, { recursive: true, force: true });
  return { store, expected, operations: told.operations };
}

async function archive(
  { store }: Service,
  place: string,
  strike: Strike,
): Promise<Told & { readonly operations: number; readonly struck: number }> {
  const root = join(place, 'root');
  mkdirSync(root, { recursive: true });
  const shim = new Shim(join(place, 'control'), root, strike);
  const told = await runChild({
    script: distFile('test/chaos/service/child.js'),
    args: [root, store.folder, store.camera],
    environment: shim.environment,
  });
  const { operations, struck } = shim;
  shim.close();
  return { ...told, operations, struck };
}

/** What the ledger holds after the kill: each row is an acknowledged fact. */
async function factsOf(root: string): Promise<Acknowledgement[]> {
  const path = join(root, 'ledger.sqlite');
  const thread = await LedgerThread.start({ path, archiverName: 'chaos', clock: systemClock });
  const images = await new SqliteLedger(thread).view().images(1000);
  await thread.close();
  return images.flatMap(({ files }) => files.flatMap(factsOfRow));
}

function factsOfRow({ file, state, deliveries }: FileRow): Acknowledgement[] {
  const delivered = deliveries.filter((delivery) => delivery.state === 'delivered');
  return [
    ...(state === 'failed' ? [] : [{ file, state: 'written' as const }]),
    ...delivered.map(({ target }) => ({ file, state: 'delivered' as const, target })),
  ];
}
