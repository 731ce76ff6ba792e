import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ArchiverError } from '../../src/model/errors.js';
import type { FileId } from '../../src/model/ids.js';
import { packageRoot } from '../../src/model/package.js';
import { DELIVERY_STEPS, type DeliveryState, FILE_STEPS, type FileCall } from '../../src/stage/ledger/states.js';
import type { DeliveryRow, FileState, Ledger } from '../../src/stage/port.js';
import { keptTempDir } from '../support/temp.js';
import { openLedger } from './open-ledger.js';
import { fileId, imageStart, SEAL, written } from './records.js';

const ERROR = new ArchiverError('DISK_FULL', { path: '/data' }).toData();
const CONFLICT = new ArchiverError('FILE_CONFLICT', { path: 'x', aside: 'y' }).toData();
const TARGET = 'oods';

let ledger: Ledger;
let remove: () => void;
let images = 0;

beforeAll(async () => {
  const folder = keptTempDir();
  remove = folder.remove;
  ledger = (await openLedger(folder.path)).ledger;
});
afterAll(async () => {
  await ledger.close();
  remove();
});

/** A new image with one file in the given state. */
async function fileIn(state: 'none' | FileState): Promise<FileId> {
  images += 1;
  const obsid = `CC_O_20241108_${String(images).padStart(6, '0')}`;
  const file = fileId('S00', 'raw', obsid);
  await ledger.beginImage(imageStart(obsid, ['S00']));
  if (state !== 'none') await ledger.recordWritten(written(file, [TARGET]));
  if (state === 'sealed') await ledger.recordSeal(file, SEAL);
  if (state === 'failed') await ledger.recordSeal(file, ERROR);
  return file;
}

const FILE_CALLS: Record<FileCall, (file: FileId) => Promise<void>> = {
  recordWritten: (file) => ledger.recordWritten(written(file, [TARGET])),
  recordSeal: (file) => ledger.recordSeal(file, SEAL),
  'recordSeal (error)': (file) => ledger.recordSeal(file, ERROR),
};

describe('A file in the ledger', () => {
  for (const [call, steps] of entries(FILE_STEPS)) {
    for (const [from, step] of entries(steps)) {
      it(`${call} in state ${from}: ${step}`, async () => {
        const file = await fileIn(from);
        const before = await ledger.view().file(file);
        expect(before?.state ?? 'none').toBe(from);
        if (step === 'refused') await expect(FILE_CALLS[call](file)).rejects.toMatchObject({ code: 'INTERNAL' });
        else await FILE_CALLS[call](file);
        const after = await ledger.view().file(file);
        if (step === 'same' || step === 'refused') expect(after).toEqual(before);
        else expect(after?.state).toBe(step);
      });
    }
  }
});

const OUTCOMES: Record<Exclude<DeliveryState, 'pending'>, DeliveryRow> = {
  delivered: { target: TARGET, state: 'delivered', uri: 'file:///oods/x', error: null },
  conflict: { target: TARGET, state: 'conflict', uri: 'file:///oods/x', error: CONFLICT },
  failed: { target: TARGET, state: 'failed', uri: null, error: ERROR },
};

describe('A delivery in the ledger', () => {
  for (const [call, steps] of entries(DELIVERY_STEPS)) {
    for (const [from, step] of entries(steps)) {
      it(`${call} in state ${from}: ${step}`, async () => {
        const file = await fileIn('sealed');
        if (from !== 'none' && from !== 'pending') await ledger.recordDelivery(file, OUTCOMES[from]);
        const outcome = { ...OUTCOMES[call], target: from === 'none' ? 'elsewhere' : TARGET };
        if (step === 'refused') {
          await expect(ledger.recordDelivery(file, outcome)).rejects.toMatchObject({ code: 'INTERNAL' });
          return;
        }
        await ledger.recordDelivery(file, outcome);
        const expected = step === 'same' ? OUTCOMES[from as keyof typeof OUTCOMES] : OUTCOMES[call];
        expect((await ledger.view().file(file))?.deliveries).toEqual([expected]);
      });
    }
  }

  it.each(['none', 'written', 'failed'] as const)('is refused for a file that is %s', async (state) => {
    const file = await fileIn(state);
    for (const outcome of Object.values(OUTCOMES)) {
      await expect(ledger.recordDelivery(file, outcome)).rejects.toMatchObject({ code: 'INTERNAL' });
    }
  });

  it('is never recorded as pending', async () => {
    const file = await fileIn('sealed');
    const pending = { target: TARGET, state: 'pending', uri: null, error: null } as const;
    await expect(ledger.recordDelivery(file, pending)).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});

describe('docs/ledger.md', () => {
  it('shows the tables that the code goes by', () => {
    const text = readFileSync(join(packageRoot(), 'docs/ledger.md'), 'utf8');
    for (const line of [...table(FILE_STEPS), ...table(DELIVERY_STEPS)]) expect(text).toContain(line);
  });
});

/** Markdown rows of a transition table. */
function table(steps: Readonly<Record<string, Readonly<Record<string, string>>>>): string[] {
  const states = Object.keys(Object.values(steps)[0] ?? {});
  const row = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [
    row(['call', ...states]),
    ...Object.entries(steps).map(([call, byState]) =>
      row([`\`${call}\``, ...states.map((state) => byState[state] ?? '')]),
    ),
  ];
}

function entries<Key extends string, Value>(record: Readonly<Record<Key, Value>>): [Key, Value][] {
  return Object.entries(record) as [Key, Value][];
}
