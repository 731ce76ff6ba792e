import { sensorTypeOf } from '../camera/geometry.js';
import { withAdditionalKeys } from './additional.js';
import { encodeCards } from './card.js';
import { conditionHeader } from './condition-headers.js';
import type { ComposedHeaders, HeaderInput } from './facts.js';
import { cardsOf, type Entry, type Line, sumEntry } from './lines.js';
import { primaryValues } from './primary-values.js';
import { type Resolved, resolveHeader } from './resolve.js';
import { SUM_COMMENTS, segmentHeaders, updatedSumComments, writerComment } from './segment-headers.js';
import { sidecarOf } from './sidecar.js';
import { PRIMARY } from './tables/primary.js';
import { CHECKSUM_HEADING } from './tables/rows.js';

/** Fills DATASUM and CHECKSUM of a header without data in place (NativeCore.sealHeader). */
export type SealHeader = (cards: Uint8Array) => void;

/**
 * Every header of one CCD's file and its sidecar: primary, one per segment, REB_COND, CONFIG_COND. Same input, same
 * bytes. Values from outside never make it fail: what cannot be written stands undefined and is listed.
 * @param seal called for the headers without data; those of the segments hold zero sums until their pixels are there.
 * @throws ArchiverError IMAGE_NAME_INVALID, or HEADER_VALUE when createdAt is no time
 */
export function composeHeaders(input: HeaderInput, seal: SealHeader): ComposedHeaders {
  const resolved = resolvePrimary(input);
  const lines = [...resolved.lines, ...primarySums(input)];
  const primary = sealed(encodeCards(cardsOf(lines)), seal);
  const segments = sensorTypeOf(input.camera, input.ccd).segments.map((_, index) => segmentHeaders(input, index));
  return {
    primary,
    segments: segments.map(({ ignored: _, ...headers }) => headers),
    rebCond: sealed(conditionHeader('REB_COND', input.conditions), seal),
    configCond: sealed(conditionHeader('CONFIG_COND', input.conditions), seal),
    sidecar: sidecarOf(withSums(lines, primary), resolved.omitted),
    omitted: resolved.omitted,
    ignored: [...input.header.ignored, ...resolved.ignored, ...segments.flatMap((segment) => segment.ignored)],
  };
}

function resolvePrimary(input: HeaderInput): Resolved {
  const { additional } = input.exposure;
  const { table, ignored } = withAdditionalKeys(PRIMARY, additional);
  const own = new Map([...Object.entries(additional), ...primaryValues(input)]);
  const resolved = resolveHeader(table, own, input.header.primary, input.header.layout);
  const lines = resolved.lines.map((line) => (isSimple(line) ? { ...line, comment: writerComment(input) } : line));
  return { lines, omitted: resolved.omitted, ignored: [...ignored, ...resolved.ignored] };
}

const isSimple = (line: Line): line is Entry => 'keyword' in line && line.keyword === 'SIMPLE';

function primarySums(input: HeaderInput): Line[] {
  const comments = input.compression === 'rice' ? updatedSumComments(input) : SUM_COMMENTS;
  return [CHECKSUM_HEADING, sumEntry('CHECKSUM', comments.checksum), sumEntry('DATASUM', SUM_COMMENTS.datasum)];
}

function sealed(cards: Uint8Array, seal: SealHeader): Uint8Array {
  seal(cards);
  return cards;
}

/** The sidecar shows the sums as sealed: the value fields of the last two cards. */
function withSums(lines: readonly Line[], primary: Uint8Array): Line[] {
  const text = Buffer.from(primary).toString('latin1');
  const sum = (entry: Entry, fromEnd: number): Entry => {
    const field = text.slice(text.length - fromEnd * 80 + 11, text.length - fromEnd * 80 + 30);
    return { ...entry, value: field.slice(0, field.indexOf("'")).trimEnd() };
  };
  const [checksum, datasum] = lines.slice(-2) as [Entry, Entry];
  return [...lines.slice(0, -2), sum(checksum, 2), sum(datasum, 1)];
}
