import type { Camera, Ccd, Raft, Reb } from '../camera/types.js';
import type { IgnoredRecord, MergedHeader } from '../model/header-package.js';
import type { Product } from '../model/ids.js';

/**
 * What composeHeaders needs to know of one CCD of one image. All of it is plain data: times of events are TAI, ISO
 * ('2024-04-05T10:12:06.323', up to 9 decimals), times of the DAQ are nanoseconds as decimal text.
 */

/** A value of a card before it is formatted; null is a value that nobody knows. */
export type FactValue = string | number | boolean | null;

/** From the DAQ's image and source metadata. */
export interface DaqFacts {
  /** Image id, lower-case hex without padding. */
  readonly tag: string;
  readonly folder: string;
  readonly annotation: string;
  /** Trigger time, TAI nanoseconds since 1970. */
  readonly triggerNs: string;
  /** buildTimeNs: UTC nanoseconds since 1970. hash: 8 hex digits. */
  readonly version: { readonly tag: string; readonly buildTimeNs: string; readonly hash: string };
  readonly partition: string | null;
  /** Obsid of the stored image that the DAQ replays; null for a real exposure. */
  readonly emulatedImage: string | null;
  /** Of the source (the REB), hex texts as the cards show them. */
  readonly firmware: string;
  readonly serial: string;
  readonly platform: string;
}

/** From the camera's events of the exposure; null where an event did not say it. */
export interface ExposureFacts {
  readonly startIntegration: string | null;
  readonly endIntegration: string | null;
  readonly imageType: string | null;
  readonly testType: string | null;
  readonly groupId: string | null;
  readonly program: string | null;
  readonly reason: string | null;
  /** 1-based index of this image in its sequence, and how many the sequence has. */
  readonly curIndex: number | null;
  readonly maxIndex: number | null;
  /** Seconds. */
  readonly exposureTime: number | null;
  readonly darkTime: number | null;
  readonly stutter: { readonly rows: number; readonly delay: number; readonly nShifts: number } | null;
  /** Further keys of the exposure request, by FITS keyword; they stand after REASON. */
  readonly additional: Readonly<Record<string, FactValue>>;
}

/**
 * Focal-plane values of the image by keyword, already chosen for this REB: those of REB_COND and CONFIG_COND, and of
 * the primary header TSTAND, FPVERS, SEQFILE, SEQNAME, SEQCKSUM, CCDGAIN, CCDNOISE. What is absent or null becomes an
 * undefined card.
 */
export type ConditionFacts = Readonly<Record<string, FactValue>>;

/** The coefficients that made the corrected product. */
export interface CrosstalkFacts {
  readonly order: 1 | 2;
  /** At most 68 characters. */
  readonly name: string;
  /** SHA-256 of the coefficients, 64 hex digits. */
  readonly sha256: string;
}

export interface HeaderInput {
  readonly camera: Camera;
  readonly raft: Raft;
  readonly reb: Reb;
  readonly ccd: Ccd;
  readonly obsid: string;
  readonly product: Product;
  readonly compression: 'rice' | 'none';
  /** When the image was first archived, TAI ISO: the only clock that a file shows. */
  readonly createdAt: string;
  /** This program's version, e.g. 0.1.0. */
  readonly version: string;
  readonly daq: DaqFacts;
  readonly exposure: ExposureFacts;
  readonly conditions: ConditionFacts;
  /** Of mergeHeader; with status MISSING when there is no package. */
  readonly header: MergedHeader;
  /** Needed for the corrected product only. */
  readonly crosstalk?: CrosstalkFacts;
}

/** Cards without END, a multiple of 80 bytes. */
export interface SegmentHeaders {
  /** The HDU as written: a BINTABLE when compressed, else the IMAGE. */
  readonly cards: Uint8Array;
  /** Compressed only: the header of the image that the table stands for, as a decompressor restores it. */
  readonly image?: Uint8Array;
}

export interface ComposedHeaders {
  readonly primary: Uint8Array;
  /** In FITS order: HDU number = index + 1. */
  readonly segments: readonly SegmentHeaders[];
  readonly rebCond: Uint8Array;
  readonly configCond: Uint8Array;
  /** The sidecar file, UTF-8 JSON. */
  readonly sidecar: Uint8Array;
  /** Keywords left out of the primary header because they have no value and may not stand undefined. */
  readonly omitted: readonly string[];
  /** Records of the header package that were not used. */
  readonly ignored: readonly IgnoredRecord[];
}
