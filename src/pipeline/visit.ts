import type { FileFacts } from '../assemble/port.js';

/** The visit that a file belongs to, and its place in it from 1, as its header has them; null when not known. */
export type Visit = Pick<FileFacts['exposure'], 'groupId' | 'curIndex'>;

/** What the camera says, else what the header package says. */
export function visitOf({ exposure, header }: Pick<FileFacts, 'exposure' | 'header'>): Visit {
  const told = (keyword: string) => header.primary.find((record) => record.keyword === keyword)?.value?.text;
  const index = told('CURINDEX') ?? '';
  return {
    groupId: exposure.groupId ?? (told('GROUPID') || null),
    curIndex: exposure.curIndex ?? (/^\d{1,6}$/.test(index) ? Number(index) : null),
  };
}
