/**
 * FITS checksums by the letter of the standard (4.0, appendix J), independent of the addon: ones'-complement 32-bit
 * sums, and their 16-character ASCII encoding.
 */

/** Ones'-complement sum of big-endian 32-bit words. */
export function onesComplementSum(bytes: Uint8Array, seed = 0): number {
  let sum = BigInt(seed);
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < view.length; at += 4) {
    sum += BigInt(view.readUInt32BE(at));
    sum = (sum & 0xffffffffn) + (sum >> 32n);
  }
  return Number(sum);
}

/** Encodes the complement of a sum as the CHECKSUM value: each byte becomes four characters that add up to it. */
export function encodeChecksum(sum: number): string {
  const value = ~sum >>> 0;
  const characters = new Array<number>(16).fill(0);
  for (let byte = 0; byte < 4; byte++) {
    const part = (value >>> (24 - 8 * byte)) & 0xff;
    const quarter = Math.floor(part / 4) + 0x30;
    const four = [quarter + (part % 4), quarter, quarter, quarter];
    spreadPunctuation(four);
    four.forEach((character, column) => {
      characters[4 * column + byte] = character;
    });
  }
  const text = String.fromCharCode(...characters);
  return text.slice(-1) + text.slice(0, -1);
}

/** Moves pairs apart until none of the characters is punctuation; their sum stays. */
function spreadPunctuation(four: number[]): void {
  const isPunctuation = (code: number): boolean => (code > 0x39 && code < 0x41) || (code > 0x5a && code < 0x61);
  while (four.some(isPunctuation)) {
    for (const first of [0, 2]) {
      const a = four[first] ?? 0;
      const b = four[first + 1] ?? 0;
      if (!isPunctuation(a) && !isPunctuation(b)) continue;
      four[first] = a + 1;
      four[first + 1] = b - 1;
    }
  }
}

/** The header as it stands in a file: cards, END, blanks to a multiple of 2880 bytes. */
export function paddedHeader(cards: Uint8Array): Buffer {
  const text = `${Buffer.from(cards).toString('latin1')}${'END'.padEnd(80)}`;
  return Buffer.from(text.padEnd(Math.ceil(text.length / 2880) * 2880), 'latin1');
}

/**
 * Fills the sums of one HDU in place: what NativeCore.sealHeader does for a header without data, and with data what
 * finish does.
 */
export function seal(cards: Uint8Array, data: Uint8Array = new Uint8Array(), names = ['DATASUM', 'CHECKSUM']): void {
  const [datasumName = '', checksumName = ''] = names;
  const dataSum = onesComplementSum(data);
  put(cards, datasumName, `'${String(dataSum).padEnd(8)}'`);
  put(cards, checksumName, `'${'0'.repeat(16)}'`);
  put(cards, checksumName, `'${encodeChecksum(onesComplementSum(paddedHeader(cards), dataSum))}'`);
}

/** Writes the value field, columns 11 to 30, of a keyword's card. */
export function put(cards: Uint8Array, keyword: string, value: string): void {
  const text = Buffer.from(cards).toString('latin1');
  for (let at = 0; at < text.length; at += 80) {
    if (text.slice(at, at + 10) !== `${keyword.padEnd(8)}= `) continue;
    cards.set(Buffer.from(value.padEnd(20), 'latin1'), at + 10);
    return;
  }
  throw new Error(`no card ${keyword}`);
}

/** The value field of a keyword's card, trimmed. */
export function fieldOf(cards: Uint8Array, keyword: string): string {
  const text = Buffer.from(cards).toString('latin1');
  for (let at = 0; at < text.length; at += 80) {
    if (text.slice(at, at + 10) === `${keyword.padEnd(8)}= `) return text.slice(at + 10, at + 30).trim();
  }
  throw new Error(`no card ${keyword}`);
}
