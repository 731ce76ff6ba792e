/**
 * What the header service gives for one image, kept as text: which of its scalars are numbers is decided later, keyword by
 * keyword, because its YAML leaves strings such as `y`, `1e5` or hex tags unquoted. Plain data, so it crosses processes as JSON.
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
  readonly reason: 'forbidden' | 'geometry' | 'keyword' | 'value' | 'superseded';
  /** The text that was not used. */
  readonly text: string;
}

/** A package as one CCD needs it: primary records (common, then its own), then those of each segment in FITS order. */
export interface MergedHeader {
  readonly status: HeaderStatus;
  readonly primary: readonly HeaderRecord[];
  readonly segments: readonly (readonly HeaderRecord[])[];
  /** Names of sections that the package should have had. */
  readonly missing: readonly string[];
  readonly ignored: readonly IgnoredRecord[];
}
