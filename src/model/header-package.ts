/**
 * What the header service gives for one image, kept as text: which of its scalars are numbers is decided later,
 * keyword by keyword, because its YAML leaves strings such as `y`, `1e5` or hex tags unquoted. Plain data, so it
 * crosses processes as JSON.
 */
export interface HeaderScalar {
  readonly text: string;
  /** Whether the package said that it is a string (quoted); else it may be a number or a boolean. */
  readonly quoted: boolean;
}

/** One record of a section. Without a keyword it is a heading, and its text is the comment. */
export interface HeaderRecord {
  readonly keyword: string | null;
  /** null: the service had no value. */
  readonly value: HeaderScalar | null;
  readonly comment: string;
}

export interface HeaderSection {
  /** PRIMARY, R22S00_PRIMARY, R22S00_Segment10 ... */
  readonly name: string;
  readonly records: readonly HeaderRecord[];
}

export interface HeaderPackage {
  /** The OBSID that the package itself names; null when it names none. */
  readonly obsid: string | null;
  /** sections: one per HDU, a missing one is a defect. common: one primary header for all CCDs (playback files). */
  readonly layout: 'sections' | 'common';
  readonly sections: readonly HeaderSection[];
}

/** COMPLETE: every section was there. PARTIAL: some were missing. MISSING: no package. */
export type HeaderStatus = 'COMPLETE' | 'PARTIAL' | 'MISSING';

/** A record that was not used, and why; listed in the ledger. */
export interface IgnoredRecord {
  readonly section: string;
  readonly keyword: string;
  /**
   * forbidden: only the writer may set it. geometry: ours differs and stands. keyword: no FITS keyword. value: cannot
   * be written with the type of its keyword. truncated: only its beginning is written. superseded: a source closer to
   * the pixels says otherwise. foreign: of a playback file's own image, not of this one.
   */
  readonly reason: 'forbidden' | 'geometry' | 'keyword' | 'value' | 'truncated' | 'superseded' | 'foreign';
  /** The text that was not used, its first 80 characters. */
  readonly text: string;
}

/** A record and the section that it came from. */
export interface SectionRecord extends HeaderRecord {
  readonly section: string;
}

/**
 * A package as one CCD needs it: primary records (common, then its own), then those of each segment in FITS order. A
 * keyword occurs once per list, with the last value that is not null; headings stand between.
 */
export interface MergedHeader {
  readonly status: HeaderStatus;
  readonly layout: HeaderPackage['layout'];
  readonly primary: readonly SectionRecord[];
  readonly segments: readonly (readonly SectionRecord[])[];
  /** Names of sections that the package should have had. */
  readonly missing: readonly string[];
  readonly ignored: readonly IgnoredRecord[];
}

/** What composeHeaders gets when no package came. */
export const NO_HEADER: MergedHeader = {
  status: 'MISSING',
  layout: 'sections',
  primary: [],
  segments: [],
  missing: [],
  ignored: [],
};
