import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { baseName, fileKey, parseObsId, parseRaft, parseSensor, relativeBase } from '../../src/model/ids.js';

const CCD = { obsid: 'CC_O_20241108_000266', raft: 'R22', sensor: 'S11' } as const;

describe('an image name', () => {
  it('is taken apart by its grammar', () => {
    expect(parseObsId('CC_O_20241108_000266')).toEqual({
      text: 'CC_O_20241108_000266',
      camera: 'CC',
      controller: 'O',
      dayobs: '20241108',
      seqnum: 266,
    });
  });

  it.each(['CC_S_20240404_000780', 'MC_C_20211212_000310', 'TS_C_20180724_000017', 'AT_H_20240229_999999'])(
    '%s is valid',
    (name) => expect(parseObsId(name).text).toBe(name),
  );

  it.each([
    ['', 'empty'],
    ['CC_O_20241108_266', 'a short sequence number'],
    ['CC_O_20241108_0002661', 'a long one'],
    ['CC_X_20241108_000266', 'an unknown controller'],
    ['cc_O_20241108_000266', 'small letters'],
    ['CC_O_20230229_000001', 'a day that the calendar lacks'],
    ['CC_O_20241301_000001', 'a month that the calendar lacks'],
    ['CC_O_20241100_000001', 'day 0'],
    ['CC_O_20241108_000266\n', 'a line feed behind'],
    [' CC_O_20241108_000266', 'a blank before'],
    ['../CC_O_20241108_000266', 'a path'],
    ['CC_O_20241108_000266/..', 'a path behind'],
    ['CC_O_20241108_000266\0', 'a zero byte'],
    ['CC_O_２０241108_000266', 'digits of another script'],
  ])('%j is refused: %s', (name) => {
    expect(() => parseObsId(name)).toThrow(expect.objectContaining({ code: 'IMAGE_NAME_INVALID', details: { name } }));
  });

  it('comes back the same from its parts, for every calendar day and sequence number', () => {
    const days = fc.date({ min: new Date('1970-01-01'), max: new Date('2099-12-31'), noInvalidDate: true });
    const sequence = fc.integer({ min: 0, max: 999_999 });
    fc.assert(
      fc.property(days, sequence, (day, seqnum) => {
        const dayobs = day.toISOString().slice(0, 10).replaceAll('-', '');
        const name = `CC_O_${dayobs}_${String(seqnum).padStart(6, '0')}`;
        expect(parseObsId(name)).toMatchObject({ text: name, dayobs, seqnum });
      }),
    );
  });

  it('that is anything else never becomes a path', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        fc.pre(!/^[A-Z]{2}_[OCHPQS]_\d{8}_\d{6}$/.test(text));
        expect(() => relativeBase('LSSTComCam', { ...CCD, obsid: text })).toThrow();
      }),
    );
  });
});

describe('a location', () => {
  it.each(['R00', 'R22', 'R44'])('%s is a raft bay', (raft) => expect(parseRaft(raft)).toBe(raft));

  it.each(['R45', 'R50', 'r22', 'R2', 'R222', '', 'R22\n', '../R22'])('%j is no raft bay', (raft) => {
    expect(() => parseRaft(raft)).toThrow(expect.objectContaining({ code: 'LOCATION_UNKNOWN' }));
  });

  it.each(['S00', 'S12', 'S22', 'SG0', 'SG1', 'SW0', 'SW1'])('%s is a sensor slot', (sensor) => {
    expect(parseSensor(sensor)).toBe(sensor);
  });

  it.each(['S03', 'S30', 'SG2', 'SW', 's11', 'S11 ', ''])('%j is no sensor slot', (sensor) => {
    expect(() => parseSensor(sensor)).toThrow(expect.objectContaining({ code: 'LOCATION_UNKNOWN' }));
  });
});

describe('the names of a file', () => {
  it('follow obsid, raft and sensor', () => {
    expect(baseName(CCD)).toBe('CC_O_20241108_000266_R22_S11');
    expect(relativeBase('LSSTComCam', CCD)).toBe(
      'LSSTComCam/20241108/CC_O_20241108_000266/CC_O_20241108_000266_R22_S11',
    );
  });

  it('have a key that tells products and versions apart', () => {
    const keys = (['raw', 'corrected'] as const).flatMap((product) =>
      [1, 2].map((version) => fileKey({ ...CCD, product, version })),
    );
    expect(keys[0]).toBe('CC_O_20241108_000266/R22_S11/raw/1');
    expect(new Set(keys).size).toBe(4);
  });
});
