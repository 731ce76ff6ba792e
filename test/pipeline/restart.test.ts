import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadSqlite } from '../../src/stage/sqlite.js';
import { FIRST_IMAGE, SMALL_CAMERA, testImage, writeStore } from '../daq/images.js';
import { openLedger } from '../stage/open-ledger.js';
import { archive, captureOf, codes, filesBelow } from '../support/archive.js';
import { headerPackage } from '../support/header-package.js';
import { tempDir } from '../support/temp.js';

const HEADER = headerPackage(FIRST_IMAGE, SMALL_CAMERA);

/** Runs SQL on a ledger that nobody has open. @returns how many images have metadata */
async function execute(root: string, sql: string): Promise<number> {
  const { DatabaseSync } = await loadSqlite();
  const database = new DatabaseSync(join(root, 'ledger.sqlite'));
  database.exec(sql);
  const { rows } = database.prepare('SELECT count(*) AS rows FROM metadata').get() as { rows: number };
  database.close();
  return rows;
}

/** A root whose ledger refuses the commit of S11's files: their FITS are linked, and the ledger does not know them. */
async function rootThatForgetsS11(): Promise<string> {
  const root = tempDir();
  await (await openLedger(root)).ledger.close();
  const refuse = `SELECT RAISE(ABORT, 'killed before the commit')`;
  await execute(root, `CREATE TRIGGER kill BEFORE INSERT ON file WHEN NEW.sensor = 'S11' BEGIN ${refuse}; END`);
  return root;
}

/** Archives a capture with the header package given, if any. */
async function replay(root: string, capture: string, header: string | null) {
  const headers = tempDir();
  if (header !== null) writeFileSync(join(headers, `${FIRST_IMAGE}.yaml`), header);
  const daq = captureOf(capture, SMALL_CAMERA);
  return archive({ daq, camera: SMALL_CAMERA, root, settings: { header: headers, deadlines: { header: 1 } } });
}

async function captureWith(change: object = {}): Promise<string> {
  const capture = tempDir();
  const { description, packed } = testImage(FIRST_IMAGE);
  await writeStore(capture, [{ description: { ...description, ...change }, packed }]);
  return capture;
}

const bytesBelow = (folder: string) =>
  new Map(filesBelow(folder).map((name) => [name, readFileSync(join(folder, name)).toString('base64')]));

describe('an archiver that ended between the link of a file and its commit', () => {
  it.each([
    ['the header package was corrected', HEADER, HEADER.replaceAll('LVV-T1549', 'LVV-T1550'), {}],
    ['the header package came late', null, HEADER, {}],
    ['the header package is gone', HEADER, null, {}],
    ['the camera says something else', HEADER, HEADER, { events: [], conditions: {} }],
  ] as const)('ends the image with the same bytes when %s', async (_, before, after, change) => {
    const root = await rootThatForgetsS11();
    const first = await replay(root, await captureWith(), before);
    expect(first.rows.map(({ state, files }) => [state, files.length])).toEqual([['incomplete', 16]]);
    expect(codes(first.problems)).toEqual([...(before === null ? ['HEADER_MISSING'] : []), 'INTERNAL', 'INTERNAL']);
    const linked = bytesBelow(join(root, 'archive'));
    expect(linked.size).toBe(18);
    expect(await execute(root, `DROP TRIGGER kill; UPDATE image SET state = 'open'; DELETE FROM failure`)).toBe(1);

    const second = await replay(root, await captureWith(change), after);
    expect(codes(second.problems)).toEqual([]);
    expect(second.rows.map(({ state, files }) => [state, files.length])).toEqual([['complete', 18]]);
    expect(second.rows[0]?.files.every(({ state }) => state === 'sealed')).toBe(true);
    expect(bytesBelow(join(root, 'archive'))).toEqual(linked);
    expect(filesBelow(join(root, 'quarantine'))).toEqual([]);
  });
});
