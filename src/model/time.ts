import type { Clock } from './clock.js';
import { LEAP_SECONDS, LEAP_SECONDS_EXPIRE } from './leap-seconds.js';

/**
 * An instant: nanoseconds since 1970-01-01T00:00:00 TAI. A bigint, because a double holds such counts only to 0.2
 * microseconds.
 */
export type Tai = bigint;

const NS_PER_MS = 1_000_000n;
const NS_PER_SECOND = 1_000_000_000n;
const NS_PER_DAY = 86_400n * NS_PER_SECOND;
/** Modified Julian Date of 1970-01-01. */
const MJD_1970 = 40_587;
const ISO = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?$/;

const STEPS = LEAP_SECONDS.map(([day, seconds]) => ({ utcMs: Date.parse(`${day}T00:00:00Z`), seconds }));

/** TAI - UTC in seconds at a UTC instant; before 1972, where no whole-second difference exists, that of 1972. */
export function taiMinusUtc(utcMs: number): number {
  return STEPS.findLast((step) => utcMs >= step.utcMs)?.seconds ?? 10;
}

/**
 * True when a leap second may have been announced that this build does not know of; conversions go on with the last
 * difference.
 */
export function leapSecondsExpired(utcMs: number): boolean {
  return utcMs >= Date.parse(`${LEAP_SECONDS_EXPIRE}T00:00:00Z`);
}

export function taiFromUtcMs(utcMs: number): Tai {
  const whole = Math.floor(utcMs);
  const rest = BigInt(Math.round((utcMs - whole) * 1e6));
  return BigInt(whole) * NS_PER_MS + rest + BigInt(taiMinusUtc(utcMs)) * NS_PER_SECOND;
}

export function taiNow(clock: Clock): Tai {
  return taiFromUtcMs(clock.nowUtcMs());
}

/**
 * Parses '2024-04-05T10:12:06.323' (no zone, up to 9 decimals) as TAI; null when it is not such a text or no real
 * date and time.
 */
export function taiFromIso(text: string): Tai | null {
  const match = ISO.exec(text);
  if (match === null) return null;
  const whole = `${text.slice(0, 19)}.000Z`;
  const ms = Date.parse(whole);
  // Date.parse carries 31 April into May, so a date is real only when it comes back as it went in.
  if (Number.isNaN(ms) || new Date(ms).toISOString() !== whole) return null;
  return BigInt(ms) * NS_PER_MS + BigInt((match[7] ?? '').padEnd(9, '0'));
}

/** 'yyyy-mm-ddThh:mm:ss.mmm', the DATE cards' form; what is below a millisecond is cut off. */
export function isoFromTai(tai: Tai): string {
  return new Date(Number(floorDivide(tai, NS_PER_MS))).toISOString().slice(0, 23);
}

/** Nearest double of the Modified Julian Date in TAI. */
export function mjdFromTai(tai: Tai): number {
  const days = floorDivide(tai, NS_PER_DAY);
  return MJD_1970 + Number(days) + Number(tai - days * NS_PER_DAY) / Number(NS_PER_DAY);
}

/** UTC in whole seconds, 'yyyy-mm-ddThh:mm:ss'; within a leap second the seconds are 60. */
export function utcIsoFromTai(tai: Tai): string {
  const { utcMs, inLeapSecond } = utcFromTai(tai);
  const text = new Date(utcMs).toISOString().slice(0, 19);
  return inLeapSecond ? `${text.slice(0, 17)}60` : text;
}

/** Observing day, yyyymmdd: it begins at 12:00:00 TAI. */
export function dayobsFromTai(tai: Tai): string {
  return isoFromTai(tai - NS_PER_DAY / 2n)
    .slice(0, 10)
    .replaceAll('-', '');
}

/** A leap second is the last second before a step; it has no POSIX number, so it is given as the second before it. */
function utcFromTai(tai: Tai): { utcMs: number; inLeapSecond: boolean } {
  const taiMs = Number(floorDivide(tai, NS_PER_MS));
  const step = STEPS.findLast((candidate) => taiMs >= candidate.utcMs + (candidate.seconds - 1) * 1000);
  const seconds = step?.seconds ?? 10;
  const isLeap = step !== undefined && step.seconds > 10 && taiMs < step.utcMs + seconds * 1000;
  return { utcMs: taiMs - seconds * 1000, inLeapSecond: isLeap };
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value % by < 0n ? quotient - 1n : quotient;
}
