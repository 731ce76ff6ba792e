import { ArchiverError } from '../model/errors.js';
import type { SensorType } from './types.js';

/** One readout register of a REB; a source's list is resolved by address, never by position. */
export interface Register {
  /** 24-bit register address. */
  readonly address: number;
  readonly value: number;
}

/** Addresses of the readout registers (Rubin raw format: read-out registers). */
export const REGISTER = {
  PreCols: 0x360000,
  UnderCols: 0x360001,
  ReadCols: 0x360002,
  PostCols: 0x360003,
  ReadCols2: 0x360004,
  OverCols: 0x360005,
  PreRows: 0x380000,
  ReadRows: 0x380001,
  PostRows: 0x380002,
  OverRows: 0x380003,
  OpFlags: 0x380009,
} as const;

export type RegisterName = keyof typeof REGISTER;

/** Stored pixels of one segment: NAXIS1 and NAXIS2. */
export interface StoredSize {
  readonly columns: number;
  readonly rows: number;
}

/** The registers that a sequencer sets for a sensor type, in order of address. Columns and rows that are clocked and discarded are 0. */
export function readoutRegisters(type: SensorType): Register[] {
  const values: Record<RegisterName, number> = {
    PreCols: 0,
    UnderCols: type.underCols,
    ReadCols: type.readCols,
    PostCols: 0,
    ReadCols2: 0,
    OverCols: type.overCols,
    PreRows: 0,
    ReadRows: type.readRows,
    PostRows: 0,
    OverRows: type.overRows,
    OpFlags: type.opFlags,
  };
  return names().map((name) => ({ address: REGISTER[name], value: values[name] }));
}

/**
 * Stored size that a source's registers announce: UnderCols + ReadCols + ReadCols2 + OverCols and ReadRows + OverRows.
 * PreCols, PostCols, PreRows and PostRows are clocked and discarded.
 * @throws ArchiverError GEOMETRY_MISMATCH when one of the six registers is not in the list, or stands there twice with different values.
 */
export function geometryFromRegisters(registers: readonly Register[], location: string): StoredSize {
  const value = (name: RegisterName) => required(registers, name, location);
  return {
    columns: value('UnderCols') + value('ReadCols') + value('ReadCols2') + value('OverCols'),
    rows: value('ReadRows') + value('OverRows'),
  };
}

/**
 * Compares what a source's registers announce with the camera data: the stored size, prescan and overscans, and the vendor when the list has
 * OpFlags (Rubin raw format: 1 is ITL, 2 is E2V).
 * @throws ArchiverError GEOMETRY_MISMATCH
 */
export function checkRegisters(type: SensorType, registers: readonly Register[], location: string): StoredSize {
  const size = geometryFromRegisters(registers, location);
  const expect = (what: string, actual: number, expected: number) => {
    if (actual !== expected) throw mismatch(location, `${what} ${actual}`, `${expected}`);
  };
  expect('NAXIS1', size.columns, type.columns);
  expect('NAXIS2', size.rows, type.rows);
  expect('UnderCols', required(registers, 'UnderCols', location), type.underCols);
  expect('OverCols', required(registers, 'OverCols', location), type.overCols);
  expect('OverRows', required(registers, 'OverRows', location), type.overRows);
  expect('OpFlags', registerValue(registers, 'OpFlags', location) ?? type.opFlags, type.opFlags);
  return size;
}

function required(registers: readonly Register[], name: RegisterName, location: string): number {
  const value = registerValue(registers, name, location);
  if (value === undefined) {
    throw mismatch(location, 'nothing', `a value of ${name} (register 0x${REGISTER[name].toString(16)})`);
  }
  return value;
}

function registerValue(registers: readonly Register[], name: RegisterName, location: string): number | undefined {
  const values = new Set(registers.filter(({ address }) => address === REGISTER[name]).map(({ value }) => value));
  if (values.size > 1) throw mismatch(location, `${name} ${[...values].join(' and ')}`, 'one value');
  return values.values().next().value;
}

function names(): RegisterName[] {
  return Object.keys(REGISTER) as RegisterName[];
}

function mismatch(location: string, actual: string, expected: string): ArchiverError {
  return new ArchiverError('GEOMETRY_MISMATCH', { location, actual, expected });
}
