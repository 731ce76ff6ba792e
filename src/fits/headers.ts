import type { Tai } from '../model/time.js';
import { withAdditionalKeys } from './additional.js';
import { CARD_LENGTH, encodeCards } from './card.js';
import { conditionHeader } from './condition-headers.js';
import type { ComposedHeaders, HeaderInput } from './facts.js';
import { HeaderBuffer, lengthOf } from './header-buffer.js';
import { KeywordTable } from './keyword-table.js';
import { cardsOf, type Entry, entry } from './lines.js';
import { createdInstant, primaryValues, writerComment } from './primary-values.js';
import { type Resolved, resolveHeader } from './resolve.js';
import { type SegmentPieces, segmentHeaders } from './segment-headers.js';
import { sidecarOf } from './sidecar.js';
import { CHECKSUM_HEADING, SUM_COMMENTS, sumEntry, updatedSumComments } from './sums.js';
import { PRIMARY } from './tables/primary.js';

/** Fills DATASUM and CHECKSUM of a header without data in place (NativeCore.sealHeader). */
export type SealHeader = (cards: Uint8Array) => void;

const PRIMARY_TABLE = KeywordTable.of(PRIMARY);

/**
 * Every header of one CCD's file and its sidecar: primary, one per segment, REB_COND, CONFIG_COND. Same input, same
 * bytes. Values from outside never make it fail: what cannot be written stands undefined and is listed. All headers
 * are views of one buffer that nothing else uses, so that they can be handed to a thread as they are.
 * @param seal called for the headers without data; those of the segments hold zero sums until their pixels are there.
 * @throws ArchiverError IMAGE_NAME_INVALID, or HEADER_VALUE when createdAt is no time
 */
export function composeHeaders(input: HeaderInput, seal: SealHeader): ComposedHeaders {
  const created = createdInstant(input);
  const resolved = resolvePrimary(input, created);
  const sums = primarySums(input, created);
  const primary = sealed(encodeCards(cardsOf([...resolved.lines, CHECKSUM_HEADING, ...sums])), seal);
  const rebCond = sealed(conditionHeader('REB_COND', input.conditions), seal);
  const configCond = sealed(conditionHeader('CONFIG_COND', input.conditions), seal);
  const segments = segmentHeaders(input, created);
  return {
    ...inOneBuffer({ primary, rebCond, configCond, segments }),
    sidecar: sidecarOf([...resolved.lines, ...sealedSums(sums, primary)], resolved.omitted),
    omitted: resolved.omitted,
    ignored: [...input.header.ignored, ...resolved.ignored, ...segments.flatMap((segment) => segment.ignored)],
  };
}

function resolvePrimary(input: HeaderInput, created: Tai): Resolved {
  const { additional } = input.exposure;
  const { table, ignored } = withAdditionalKeys(PRIMARY_TABLE, additional);
  const own = primaryValues(input, created);
  for (const [keyword, value] of Object.entries(additional)) if (!own.has(keyword)) own.set(keyword, value);
  const { primary: records, layout } = input.header;
  const resolved = resolveHeader(table, own, { records, layout });
  const lines = [entry('SIMPLE', 'L', true, writerComment(input.version, created)), ...resolved.lines.slice(1)];
  return { lines, omitted: resolved.omitted, ignored: [...ignored, ...resolved.ignored] };
}

/** The last two cards. */
function primarySums({ compression }: HeaderInput, created: Tai): Entry[] {
  const comments = compression === 'rice' ? updatedSumComments(created) : SUM_COMMENTS;
  return [sumEntry('CHECKSUM', comments.checksum), sumEntry('DATASUM', SUM_COMMENTS.datasum)];
}

function sealed(cards: Uint8Array, seal: SealHeader): Uint8Array {
  seal(cards);
  return cards;
}

type Bare = Pick<ComposedHeaders, 'primary' | 'rebCond' | 'configCond'>;

function inOneBuffer({
  segments,
  ...bare
}: Bare & { segments: readonly SegmentPieces[] }): Bare & Pick<ComposedHeaders, 'segments'> {
  const pieces = segments.flatMap(({ cards, image = [] }) => [...cards, ...image]);
  const buffer = new HeaderBuffer(lengthOf([bare.primary, bare.rebCond, bare.configCond, ...pieces]));
  return {
    primary: buffer.join([bare.primary]),
    segments: segments.map(({ cards, image }) => ({
      cards: buffer.join(cards),
      ...(image === undefined ? {} : { image: buffer.join(image) }),
    })),
    rebCond: buffer.join([bare.rebCond]),
    configCond: buffer.join([bare.configCond]),
  };
}

/** The sidecar shows the sums as sealed: the value fields of their cards. */
function sealedSums(sums: readonly Entry[], primary: Uint8Array): Entry[] {
  const cards = Buffer.from(primary.subarray(-sums.length * CARD_LENGTH)).toString('latin1');
  return sums.map(({ form }, i) => {
    const field = cards.slice(i * CARD_LENGTH + 11, i * CARD_LENGTH + 30);
    return { form, value: field.slice(0, field.indexOf("'")).trimEnd() };
  });
}
