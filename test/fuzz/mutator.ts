import type { Random } from '../chaos/random.js';

/** Numbers at which lengths, counts and offsets go wrong. */
const EDGES = [0, 1, -1, 2, 127, 128, 255, 256, 32_767, 32_768, 65_535, 2 ** 31 - 1, -(2 ** 31), 2 ** 32 - 1];
const TEXTS = [
  '-1',
  '0',
  '1e999',
  'NaN',
  '99999999999999999999',
  '__proto__',
  'null',
  '{}',
  '[]',
  '"',
  "'",
  '\n',
  '\0',
  ' ',
  '..',
  '&a *a',
  '!!js',
  'END',
];
const MOST_BYTES = 1 << 20;

type Mutation = (bytes: Buffer, random: Random, other: Buffer) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  flipBit,
  setByte,
  cutEnd,
  removeBlock,
  repeatBlock,
  splice,
  writeEdge,
  writeText,
  changeDigits,
];

/** One to eight changes of an input; `other` is a second one to take pieces of. */
export function mutate(seed: Buffer, other: Buffer, random: Random): Buffer {
  let bytes: Buffer = Buffer.from(seed);
  for (let changes = random.integer(1, 8); changes > 0; changes--) {
    bytes = random.pick(MUTATIONS)(bytes, random, other);
    if (bytes.length > MOST_BYTES) bytes = bytes.subarray(0, MOST_BYTES);
  }
  return bytes;
}

const place = (bytes: Buffer, random: Random) => random.integer(0, Math.max(0, bytes.length - 1));

function block(bytes: Buffer, random: Random): [from: number, to: number] {
  const from = place(bytes, random);
  return [from, Math.min(bytes.length, from + random.pick([1, 4, 80, 2880, random.integer(1, 5000)]))];
}

function flipBit(bytes: Buffer, random: Random): Buffer {
  const at = place(bytes, random);
  if (bytes.length > 0) bytes[at] = (bytes[at] ?? 0) ^ (1 << random.integer(0, 7));
  return bytes;
}

function setByte(bytes: Buffer, random: Random): Buffer {
  if (bytes.length > 0) bytes[place(bytes, random)] = random.integer(0, 255);
  return bytes;
}

function cutEnd(bytes: Buffer, random: Random): Buffer {
  return bytes.subarray(0, place(bytes, random));
}

function removeBlock(bytes: Buffer, random: Random): Buffer {
  const [from, to] = block(bytes, random);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
}

function repeatBlock(bytes: Buffer, random: Random): Buffer {
  const [from, to] = block(bytes, random);
  return Buffer.concat([bytes.subarray(0, to), bytes.subarray(from)]);
}

function splice(bytes: Buffer, random: Random, other: Buffer): Buffer {
  const [from, to] = block(other, random);
  const at = place(bytes, random);
  return Buffer.concat([bytes.subarray(0, at), other.subarray(from, to), bytes.subarray(at)]);
}

function writeEdge(bytes: Buffer, random: Random): Buffer {
  const size = random.pick([1, 2, 4, 8]);
  if (bytes.length < size) return bytes;
  const number = Buffer.alloc(8);
  const value = BigInt(random.pick(EDGES));
  if (random.integer(0, 1) === 0) number.writeBigInt64LE(value);
  else number.writeBigInt64BE(BigInt.asIntN(64, value << BigInt(64 - 8 * size)));
  number.copy(bytes, random.integer(0, bytes.length - size), 0, size);
  return bytes;
}

function writeText(bytes: Buffer, random: Random): Buffer {
  const at = place(bytes, random);
  return Buffer.concat([bytes.subarray(0, at), Buffer.from(random.pick(TEXTS)), bytes.subarray(at)]);
}

/** A number in a card, a document or a package becomes another one of the same length. */
function changeDigits(bytes: Buffer, random: Random): Buffer {
  const start = place(bytes, random);
  const isDigit = (at: number) => (bytes[at] ?? 0) >= 0x30 && (bytes[at] ?? 0) <= 0x39;
  let at = start;
  while (at < bytes.length && !isDigit(at)) at++;
  for (; at < bytes.length && isDigit(at); at++) bytes[at] = 0x30 + random.integer(0, 9);
  return bytes;
}
