import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sweepReceipted } from '../../src/handoff/receipted.js';
import type { FileRow } from '../../src/stage/port.js';
import { handedOffRaw, NEW, nameOf, noonOf, OLD } from './handed-off-raw.js';
import { filesBelow } from './staged.js';

async function setUp() {
  const { root, ledger } = await handedOffRaw();
  const folder = join(root, 'dbb');
  const receipts = join(root, 'receipts');
  mkdirSync(join(receipts, dirname(nameOf(OLD))), { recursive: true });
  writeFileSync(join(receipts, `${nameOf(OLD)}.usdf.json`), 'its content is for isReceipted to read');
  const sweep = (isReceipted: (row: FileRow) => Promise<boolean>, overdueHours = 0) =>
    sweepReceipted({ folder, receipts, ledger: ledger.view(), clock: noonOf('2024-11-09'), isReceipted, overdueHours });
  return { root, folder, sweep };
}

describe('The hand-off to the Data Backbone', () => {
  it('loses the names of files that have a receipt, with their empty folders, and no other', async () => {
    const { root, folder, sweep } = await setUp();
    const { removed, overdue } = await sweep(async ({ file }) => file.obsid === OLD);
    expect([removed, overdue]).toEqual([1, undefined]);
    expect(filesBelow(folder)).toEqual([`${nameOf(NEW)}.fits`, `${nameOf(NEW)}.json`]);
    expect(existsSync(join(folder, 'LSSTComCam/20241101'))).toBe(false);
    expect(existsSync(join(root, 'archive', `${nameOf(OLD)}.fits`))).toBe(true);
  });

  it('keeps every file without a receipt, and tells of those that wait too long', async () => {
    const { folder, sweep } = await setUp();
    const { removed, overdue } = await sweep(async () => false, 48);
    expect(removed).toBe(0);
    expect(overdue).toMatchObject({
      code: 'RECEIPT_OVERDUE',
      details: { actual: 1, path: join(folder, `${nameOf(OLD)}.fits`) },
    });
    expect(filesBelow(folder)).toHaveLength(4);
    expect((await sweep(async () => false, 1000)).overdue).toBeUndefined();
  });
});
