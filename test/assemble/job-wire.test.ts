import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packJob, unpackJob } from '../../src/assemble/job-wire.js';
import type { FileJob } from '../../src/assemble/port.js';
import type { MergedHeader, SectionRecord } from '../../src/model/header-package.js';
import { FIRST_IMAGE } from '../daq/images.js';
import { headerInput } from '../support/header-input.js';

const text = fc.string({ unit: 'binary', maxLength: 20 });
const record: fc.Arbitrary<SectionRecord> = fc.record({
  keyword: fc.option(text),
  value: fc.option(fc.record({ text, quoted: fc.boolean() })),
  comment: text,
  section: text,
});
const header: fc.Arbitrary<MergedHeader> = fc.record({
  status: fc.constantFrom('COMPLETE', 'PARTIAL', 'MISSING'),
  layout: fc.constantFrom('sections', 'common'),
  primary: fc.array(record, { maxLength: 8 }),
  segments: fc.array(fc.array(record, { maxLength: 4 }), { maxLength: 16 }),
  missing: fc.array(text, { maxLength: 2 }),
  ignored: fc.constant([{ section: 'PRIMARY', keyword: 'RA', reason: 'value', text: 'x' }] as const),
});

function fileJob(header: MergedHeader): FileJob {
  const { camera: _, raft, reb, ccd, obsid, product, ...facts } = headerInput();
  return {
    file: { obsid: FIRST_IMAGE, raft: raft.bay, sensor: ccd.sensor, product, version: 1 },
    pixels: { location: reb.location },
    facts: { ...facts, header },
    root: '/data',
    path: `${obsid}.fits`,
    sidecarPath: `${obsid}.json`,
    aside: '/data/quarantine',
    folderMode: 0o755,
  };
}

describe('a file job that is packed for the way to the assembler', () => {
  it('arrives as it was, whatever its header package says', () => {
    fc.assert(
      fc.property(header, (one) => {
        const job = fileJob(one);
        expect(unpackJob(structuredClone(packJob(job)))).toEqual(job);
      }),
    );
  });
});
