import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LEAP_SECONDS, LEAP_SECONDS_EXPIRE } from '../../src/model/leap-seconds.js';
import {
  dayobsFromTai,
  isoFromTai,
  leapSecondsExpired,
  mjdFromTai,
  taiFromIso,
  taiFromUtcMs,
  taiMinusUtc,
  taiNow,
  utcIsoFromTai,
} from '../../src/model/time.js';

const at = (iso: string): bigint => {
  const tai = taiFromIso(iso);
  if (tai === null) throw new Error(`bad test time ${iso}`);
  return tai;
};
const utc = (iso: string): number => Date.parse(`${iso}Z`);

describe('leap seconds', () => {
  it('TAI runs 37 s ahead of UTC since 2017 and 36 s the day before', () => {
    expect(taiMinusUtc(utc('2017-01-01T00:00:00'))).toBe(37);
    expect(taiMinusUtc(utc('2016-12-31T23:59:59.999'))).toBe(36);
    expect(isoFromTai(taiFromUtcMs(utc('2024-04-05T10:11:29.323')))).toBe('2024-04-05T10:12:06.323');
  });

  it('two seconds pass in TAI between 23:59:59 and 00:00:00 UTC around every leap second', () => {
    for (const [day, seconds] of LEAP_SECONDS.slice(1)) {
      const after = utc(`${day}T00:00:00`);
      expect(taiFromUtcMs(after) - taiFromUtcMs(after - 1000)).toBe(2_000_000_000n);
      expect(taiMinusUtc(after)).toBe(seconds);
      expect(taiMinusUtc(after - 86_400_000)).toBe(seconds - 1);
    }
  });

  it('the leap second itself is written 23:59:60 UTC', () => {
    expect(utcIsoFromTai(at('2017-01-01T00:00:35.5'))).toBe('2016-12-31T23:59:59');
    expect(utcIsoFromTai(at('2017-01-01T00:00:36'))).toBe('2016-12-31T23:59:60');
    expect(utcIsoFromTai(at('2017-01-01T00:00:36.999999999'))).toBe('2016-12-31T23:59:60');
    expect(utcIsoFromTai(at('2017-01-01T00:00:37'))).toBe('2017-01-01T00:00:00');
  });

  it('1972 began with a difference of 10 s and no leap second', () => {
    expect(utcIsoFromTai(at('1972-01-01T00:00:09'))).toBe('1971-12-31T23:59:59');
    expect(utcIsoFromTai(at('1972-01-01T00:00:10'))).toBe('1972-01-01T00:00:00');
  });

  it('an expired table says so and goes on', () => {
    const expiry = utc(`${LEAP_SECONDS_EXPIRE}T00:00:00`);
    expect(leapSecondsExpired(expiry - 1)).toBe(false);
    expect(leapSecondsExpired(expiry)).toBe(true);
    expect(taiMinusUtc(expiry + 1e12)).toBe(37);
  });

  it('UTC to TAI and back is the identity outside leap seconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: utc('1972-01-01T00:00:00') / 1000, max: 4_000_000_000 }), (seconds) => {
        const text = new Date(seconds * 1000).toISOString().slice(0, 19);
        expect(utcIsoFromTai(taiFromUtcMs(seconds * 1000))).toBe(text);
      }),
    );
  });
});

describe('TAI texts', () => {
  it('parses up to nanoseconds and shows milliseconds', () => {
    expect(at('1970-01-01T00:00:00.000000001')).toBe(1n);
    expect(isoFromTai(at('2024-04-05T10:12:06.323999999'))).toBe('2024-04-05T10:12:06.323');
    expect(isoFromTai(-1n)).toBe('1969-12-31T23:59:59.999');
  });

  it.each([
    '2024-04-31T00:00:00',
    '2023-02-29T00:00:00',
    '2024-04-05T24:00:00',
    '2024-04-05T10:60:00',
    '2024-04-05T10:12:60',
    '2024-04-05 10:12:06',
    '2024-04-05T10:12:06Z',
    '2024-04-05',
    '',
    '2024-13-01T00:00:00',
  ])('refuses %s', (text) => {
    expect(taiFromIso(text)).toBeNull();
  });

  it('ISO to TAI to ISO is the identity in milliseconds', () => {
    fc.assert(
      fc.property(fc.integer({ min: -2_000_000_000_000, max: 4_000_000_000_000 }), (ms) => {
        const text = new Date(ms).toISOString().slice(0, 23);
        expect(isoFromTai(at(text))).toBe(text);
      }),
    );
  });
});

describe('MJD', () => {
  it('agrees with published instants', () => {
    expect(mjdFromTai(0n)).toBe(40587);
    expect(mjdFromTai(at('2000-01-01T12:00:00'))).toBe(51544.5);
    expect(mjdFromTai(at('2024-04-05T10:11:33.270'))).toBeCloseTo(60405.424690625165, 9);
    expect(mjdFromTai(at('2024-11-09T06:34:41.323'))).toBeCloseTo(60623.27408938669, 9);
  });

  it('a nanosecond before midnight still belongs to the day before, to the precision of a double', () => {
    expect(mjdFromTai(at('2024-04-05T00:00:00'))).toBe(60405);
    expect(mjdFromTai(at('2024-04-04T23:59:59.999'))).toBeLessThan(60405);
  });
});

describe('observing day', () => {
  it('rolls over at 12:00:00 TAI', () => {
    expect(dayobsFromTai(at('2024-04-05T11:59:59.999999999'))).toBe('20240404');
    expect(dayobsFromTai(at('2024-04-05T12:00:00'))).toBe('20240405');
    expect(dayobsFromTai(at('2024-03-01T00:00:00'))).toBe('20240229');
  });

  it('rolls over at 11:59:23 UTC while the difference is 37 s', () => {
    expect(dayobsFromTai(taiFromUtcMs(utc('2024-04-05T11:59:22.999')))).toBe('20240404');
    expect(dayobsFromTai(taiFromUtcMs(utc('2024-04-05T11:59:23.000')))).toBe('20240405');
  });
});

it('the clock of the system is read once, and only through its port', () => {
  const clock = { nowUtcMs: () => utc('2024-04-05T10:11:29.323'), monotonicMs: () => 0 };
  expect(isoFromTai(taiNow(clock))).toBe('2024-04-05T10:12:06.323');
});
