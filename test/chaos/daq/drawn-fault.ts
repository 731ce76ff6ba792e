import type { ErrorCode } from '../../../src/model/errors.js';
import type { Random } from '../random.js';

/** One fault of one source, as the emulator's script says it, and what must come of it. */
export interface DrawnFault {
  readonly fault: { readonly kind: string; readonly [member: string]: unknown };
  /** Of the source's CCDs; undefined: it passes and costs nothing. */
  readonly code: ErrorCode | undefined;
}

const FOR_EVER = 1000;

type Draw = (random: Random, bytes: number) => DrawnFault;

const passes = (fault: DrawnFault['fault']): DrawnFault => ({ fault, code: undefined });
const somewhere = (random: Random, bytes: number) => random.integer(1, bytes - 1);

/** Every kind of src/daq/emulator/faults.ts, those that pass and those that do not. */
const DRAWS: readonly Draw[] = [
  () => ({ fault: { kind: 'missing' }, code: 'DAQ_NO_SOURCE' }),
  () => ({ fault: { kind: 'empty' }, code: 'SOURCE_EMPTY' }),
  (random, bytes) => ({
    fault: { kind: 'truncate', at: somewhere(random, bytes), done: true },
    code: 'SOURCE_TRUNCATED',
  }),
  (random, bytes) => ({
    fault: { kind: 'corrupt', at: somewhere(random, bytes), stored: true, times: FOR_EVER },
    code: 'SOURCE_CRC',
  }),
  // A source is read three times before its sum is held to be wrong at the DAQ itself.
  (random, bytes) =>
    passes({ kind: 'corrupt', at: somewhere(random, bytes), stored: true, times: random.integer(1, 2) }),
  (random, bytes) => passes({ kind: 'corrupt', at: somewhere(random, bytes), times: random.integer(1, 3) }),
  (random, bytes) => passes({ kind: 'disconnect', at: somewhere(random, bytes), times: random.integer(1, 3) }),
  (random, bytes) => passes({ kind: 'stall', at: somewhere(random, bytes), ms: random.integer(1, 300) }),
  (random) => passes({ kind: 'delay', ms: random.integer(1, 100), times: random.integer(1, 3) }),
  () => passes({ kind: 'duplicate' }),
  () => passes({ kind: 'reorder' }),
];

/** @param bytes of the source's stream */
export function drawFault(random: Random, bytes: number): DrawnFault {
  return random.pick(DRAWS)(random, bytes);
}
