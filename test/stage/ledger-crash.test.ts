import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { distFile, packageRoot } from '../../src/model/package.js';
import type { FileRow, Ledger } from '../../src/stage/port.js';
import { tempDir } from '../support/temp.js';
import { openLedger } from './open-ledger.js';
import { fileId } from './records.js';

const ROUNDS = 5;
const ACKNOWLEDGED_PER_ROUND = 60;

/** Runs the child until it has told so much, kills it at whatever it is doing then, and gives all that it told. */
async function runAndKill(ledgerPath: string, round: number): Promise<string[]> {
  const script = join(packageRoot(), 'test/stage/crash-child.mjs');
  const child = spawn(process.execPath, [script, distFile(''), ledgerPath, String(round)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const told: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    told.push(line);
    if (told.length === ACKNOWLEDGED_PER_ROUND + round) child.kill('SIGKILL');
  }
  return told;
}

async function rowOf(ledger: Ledger, key: string): Promise<FileRow | undefined> {
  const [obsid = '', sensor = ''] = key.split(' ');
  return await ledger.view().file(fileId(sensor, 'raw', obsid));
}

const RANK = { failed: -1, written: 0, sealed: 1 } as const;

it('A process killed in the middle of its transactions has lost nothing that was acknowledged', async () => {
  const folder = tempDir();
  const told: string[] = [];
  for (let round = 0; round < ROUNDS; round++) told.push(...(await runAndKill(join(folder, 'ledger.sqlite'), round)));
  expect(told.length).toBeGreaterThanOrEqual(ROUNDS * ACKNOWLEDGED_PER_ROUND);

  const { ledger } = await openLedger(folder);
  for (const line of told) {
    const [fact = '', ...key] = line.split(' ');
    if (fact === 'fixed') {
      expect(await ledger.fixedMetadata(key.join(''), 1)).toBe(`of ${key.join('')}`);
      continue;
    }
    const row = await rowOf(ledger, key.join(' '));
    expect(RANK[row?.state ?? 'failed'], line).toBeGreaterThanOrEqual(fact === 'written' ? 0 : 1);
    if (fact === 'delivered') expect(row?.deliveries[0]?.state, line).toBe('delivered');
  }
  // A fact and its event were committed together: as many of the one as of the other.
  const events = await ledger.events().pending('bus', 100_000);
  const files = (await ledger.view().images(100_000)).flatMap((image) => image.files);
  const delivered = files.filter((file) => file.deliveries[0]?.state === 'delivered');
  expect(events.filter(({ type }) => type === 'imageRetrievalForArchiving')).toHaveLength(files.length);
  expect(events.filter(({ type }) => type === 'imageInOODS')).toHaveLength(delivered.length);
  await ledger.close();
});
