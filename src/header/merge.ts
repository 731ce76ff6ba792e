import { sensorTypeOf } from '../camera/geometry.js';
import { ccdBySlot } from '../camera/locations.js';
import type { Camera } from '../camera/types.js';
import {
  type HeaderPackage,
  type HeaderSection,
  type MergedHeader,
  NO_HEADER,
  type SectionRecord,
} from '../model/header-package.js';

/** Keywords of cards that hold text instead of a value. */
const COMMENTARY = new Set(['COMMENT', 'HISTORY', '']);

/**
 * What a package says of one CCD: PRIMARY, then its own `<raft><sensor>_PRIMARY`, and `<raft><sensor>_<segment>` for
 * each segment. Where a keyword occurs twice, the later value stands in the place of the first, and a null never
 * replaces a value. A missing section makes the header PARTIAL and is named in `missing`. null is no package.
 * @throws ArchiverError LOCATION_UNKNOWN
 */
export function mergeHeader(
  header: HeaderPackage | null,
  ccd: { readonly camera: Camera; readonly raft: string; readonly sensor: string },
): MergedHeader {
  if (header === null) return NO_HEADER;
  const place = ccdBySlot(ccd.camera, ccd.raft, ccd.sensor);
  const slot = `${ccd.raft}${ccd.sensor}`;
  const segmentNames = sensorTypeOf(ccd.camera, place.ccd).segments.map(({ name }) => `${slot}_${name}`);
  const isCommon = header.layout === 'common';
  const own = isCommon ? [] : [`${slot}_PRIMARY`];
  const wanted = ['PRIMARY', ...own, ...(isCommon ? [] : segmentNames)];
  const byName = new Map(header.sections.map((section) => [section.name, section]));
  const missing = wanted.filter((name) => !byName.has(name));
  return {
    status: missing.length === 0 ? 'COMPLETE' : 'PARTIAL',
    layout: header.layout,
    primary: mergeSections(['PRIMARY', ...own].map((name) => byName.get(name))),
    segments: segmentNames.map((name) => mergeSections([byName.get(name)])),
    missing,
    ignored: [],
  };
}

function mergeSections(sections: readonly (HeaderSection | undefined)[]): SectionRecord[] {
  const merged: SectionRecord[] = [];
  const places = new Map<string, number>();
  for (const record of sections.flatMap((section) => (section === undefined ? [] : recordsOf(section)))) {
    const place = record.keyword === null ? undefined : places.get(record.keyword);
    if (place !== undefined) {
      if (record.value !== null) merged[place] = record;
      continue;
    }
    if (record.keyword !== null) places.set(record.keyword, merged.length);
    merged.push(record);
  }
  return merged;
}

/** Drops empty comments and headings that lost their beginning; the text of a heading may stand in either field. */
function recordsOf(section: HeaderSection): SectionRecord[] {
  return section.records.flatMap((record) => {
    if (record.keyword !== null && !COMMENTARY.has(record.keyword)) return [{ ...record, section: section.name }];
    const text = (record.comment || record.value?.text || '').replace(/\p{Cc}/gu, '?').trim();
    return text.startsWith('--') ? [{ keyword: null, value: null, comment: text, section: section.name }] : [];
  });
}
