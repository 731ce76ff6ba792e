import type { Tai } from '../model/time.js';
import { encodeCards } from './card.js';
import type { HeaderInput } from './facts.js';
import { cardsOf } from './lines.js';
import type { Resolved } from './resolve.js';
import { segmentFrames } from './segment-frames.js';
import { SUM_COMMENTS, sumEntry, updatedSumComments } from './sums.js';

/** Headers of one segment, each in pieces that follow one another. */
export interface SegmentPieces {
  readonly cards: readonly Uint8Array[];
  readonly image?: readonly Uint8Array[];
  readonly ignored: Resolved['ignored'];
}

const DATASUM = encodeCards(cardsOf([sumEntry('DATASUM', SUM_COMMENTS.datasum)]));
const ZDATASUM = encodeCards(cardsOf([sumEntry('ZDATASUM', SUM_COMMENTS.datasum)]));

/**
 * The headers of a CCD's segments. Compressed, the cards of the table carry the sums of the image under Z names, at the
 * places and with the comments of the image's own, so that a decompressor restores `image` byte for byte.
 */
export function segmentHeaders(input: HeaderInput, created: Tai): SegmentPieces[] {
  const { imageHead, tableHead, segments } = segmentFrames(input);
  const { layout, segments: records } = input.header;
  const { checksum, datasum } = updatedSumComments(created);
  const tableSums = encodeCards(cardsOf([sumEntry('CHECKSUM', checksum), sumEntry('DATASUM', datasum)]));
  return segments.map((rows, index) => {
    const { lines, ignored } = rows.resolve({ records: records[index] ?? [], layout });
    const body = lines.length === 0 ? [rows.cards] : [rows.cards, encodeCards(cardsOf(lines))];
    const image = [imageHead, ...body, DATASUM];
    if (input.compression === 'none') return { cards: image, ignored };
    return { cards: [tableHead, ...body, ZDATASUM, tableSums], image, ignored };
  });
}
