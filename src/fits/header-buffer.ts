/** The one buffer of a file's headers, which can be handed to a thread without a copy. */
export class HeaderBuffer {
  private readonly bytes: Uint8Array;
  private used = 0;

  /** @param length bytes of all headers that will be joined */
  constructor(length: number) {
    this.bytes = Buffer.allocUnsafeSlow(length); // never a part of Node's common pool, which cannot be handed over
  }

  /** The next header, from pieces that follow one another. */
  join(pieces: readonly Uint8Array[]): Uint8Array {
    const first = this.used;
    for (const piece of pieces) {
      this.bytes.set(piece, this.used);
      this.used += piece.length;
    }
    return this.bytes.subarray(first, this.used);
  }
}

export function lengthOf(pieces: readonly Uint8Array[]): number {
  return pieces.reduce((sum, piece) => sum + piece.length, 0);
}
