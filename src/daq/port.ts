import type { ArchiverError } from '../model/errors.js';

/** 64-bit image id as lower-case hex without padding: the IMAGETAG card. */
export type ImageTag = string;

/** What the DAQ catalogue knows of an image (the 272-byte ImageMetadata, raw format: metadata records). */
export interface DaqImage {
  readonly tag: ImageTag;
  /** Image name as it came; parse it before use. */
  readonly name: string;
  readonly folder: string;
  readonly annotation: string;
  /** Trigger time, TAI nanoseconds since 1970 as decimal text (a double would lose digits). */
  readonly triggerNs: string;
  readonly opcode: number;
  readonly version: DaqVersion;
  /** REBs that took part, e.g. ["22/0", "22/1", "22/2"]. */
  readonly locations: readonly string[];
}

export interface DaqVersion {
  readonly tag: string;
  /** Nanoseconds since 1970 as decimal text. */
  readonly buildTimeNs: string;
  /** 8 hex digits. */
  readonly hash: string;
  readonly dirty: boolean;
}

/** One REB's stream (the 240-byte SourceMetadata) and its length. */
export interface DaqSourceInfo {
  readonly location: string;
  /** Bytes that the registers announce. */
  readonly expectedBytes: number;
  /** 3 science, 2 guide, 1 wavefront. */
  readonly sensorType: 1 | 2 | 3;
  /** Hex texts as the cards show them. */
  readonly firmware: string;
  readonly serial: string;
  readonly platform: string;
  readonly version: DaqVersion;
  /** Readout registers by 24-bit address, raw format: read-out registers. */
  readonly registers: readonly { readonly address: number; readonly value: number }[];
}

/** One camera event as the observatory's control system publishes it; `time` is TAI, ISO with milliseconds. */
export interface CameraEvent {
  readonly type: 'startIntegration' | 'endIntegration' | 'startReadout' | 'endReadout' | 'endOfImageTelemetry';
  readonly imageName: string;
  readonly time: string;
  /** Fields of the event, e.g. exposureTime, imagesInSequence, imageIndex, groupId, darkTime; scalars only. */
  readonly fields: Readonly<Record<string, string | number | boolean | null>>;
}

/** Values of the focal-plane subsystem: keyword of REB_COND, CONFIG_COND or the primary header, per REB location or '*' for all. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, string | number | boolean | null>>>>;

/** Everything known of one image besides its pixels. */
export interface ImageDescription {
  readonly image: DaqImage;
  readonly sources: readonly DaqSourceInfo[];
  /** Events that the DAQ recorded for the image so far. */
  readonly events: readonly CameraEvent[];
  readonly conditions: Conditions;
  /** Slots (R22_S11) whose pixels are not real, in a capture made from single CCDs: no file is written for them. */
  readonly absent: readonly string[];
  /** createdAt of the first archiving, TAI ISO; only captures carry it. */
  readonly createdAt?: string;
}

export type DaqNotice =
  | { readonly type: 'image'; readonly image: DaqImage }
  /** Bytes of one source so far. With `done` the stream is whole: `bytes` is its length and `crc32` the sum of all of it. */
  | {
      readonly type: 'landed';
      readonly tag: ImageTag;
      readonly location: string;
      readonly bytes: number;
      readonly done: boolean;
      readonly crc32?: number;
    }
  | { readonly type: 'event'; readonly tag: ImageTag; readonly event: CameraEvent }
  /** The subscription lives on over reconnects; what was missed meanwhile is repeated (notices are idempotent). */
  | { readonly type: 'connection'; readonly state: 'open' | 'lost'; readonly error?: ArchiverError };

export interface ReadRange {
  readonly tag: ImageTag;
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

/**
 * Where pixels come from: the DAQ over the network, a captured image on disk, or memory. Errors are ArchiverErrors DAQ_*.
 * Everything may be asked again at any time; nothing is consumed by reading.
 */
export interface DaqSource {
  /** Images of a folder (default 'raw'), oldest first. */
  list(folder?: string): Promise<DaqImage[]>;
  describe(tag: ImageTag): Promise<ImageDescription>;
  /**
   * Notices from now on; with `tag` only those of one image, beginning with the present state of its sources (so a late watcher misses nothing).
   * The first notice is `connection` open: what happens after it is told, so a list asked for after it has no gap. The bytes of a source never go
   * back within a watch. Ends when `signal` aborts, or, watched by tag, when every source is done; throws what a new connection cannot heal.
   */
  watch(options: {
    readonly folder?: string;
    readonly tag?: ImageTag;
    readonly signal: AbortSignal;
  }): AsyncIterable<DaqNotice>;
  /** Fills `into` (its length is range.length) with bytes of a source; all of them or an error. Their transport sums are checked. */
  read(range: ReadRange, into: Uint8Array): Promise<void>;
  /** The bytes of a range where they stand in this process's memory, to be read only. Sources whose bytes must be fetched have no such call. */
  lend?(range: ReadRange): Uint8Array;
  close(): Promise<void>;
}
