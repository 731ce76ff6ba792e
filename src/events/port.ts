/** Fields that the observatory's archiving events share. `description` is `CODE: text` of the error table, or empty. */
interface ArchivingFields {
  readonly camera: string;
  readonly obsid: string;
  readonly raft: string;
  readonly sensor: string;
  readonly archiverName: string;
  readonly description: string;
}

export type EventBody =
  /** The archiver cannot acknowledge anything: `errorCode` is the status of the error; 0 says that it can again. */
  | {
      readonly type: 'errorCode';
      readonly errorCode: number;
      readonly errorReport: string;
      readonly archiverName: string;
    }
  | ({ readonly type: 'imageRetrievalForArchiving'; readonly statusCode: 0 | 5610 | 5611 | 5612 } & ArchivingFields)
  | ({ readonly type: 'imageInOODS'; readonly statusCode: 0 | 1 | 2 } & ArchivingFields)
  /** Sealed and delivered to the Data Backbone. */
  | ({ readonly type: 'imageArchived'; readonly sha256: string; readonly bytes: number } & ArchivingFields)
  /** At the prompt key: where, with its object key, its size in bytes and its MD5, and to which visit it belongs by GROUPID (null when it has none). */
  | ({
      readonly type: 'imageForwarded';
      readonly uri: string;
      readonly key: string;
      readonly bytes: number;
      readonly md5: string;
      readonly groupId: string | null;
      readonly snap: number | null;
    } & ArchivingFields)
  /** A file that was acknowledged is not what it was, as the background scrub found; `repaired` from a copy, or, false, waiting for somebody. */
  | ({ readonly type: 'fileDamaged'; readonly path: string; readonly repaired: boolean } & ArchivingFields)
  /** Every minute. Sizes in bytes; null where the part is away. */
  | {
      readonly type: 'archiverResources';
      readonly archiverName: string;
      readonly diskFreeBytes: number;
      readonly poolBytes: number | null;
      readonly poolBytesInUse: number | null;
      readonly imagesUnderWay: number;
      readonly imagesWaiting: number;
      readonly jobsWaiting: number | null;
    }
  /** Files of an image are at their prompt keys without GROUPID, so that no visit can be matched to them. */
  | { readonly type: 'imageUnmatched'; readonly archiverName: string; readonly obsid: string }
  /** Detectors of a visit that was announced, and did not come to their prompt keys within the time that prompt processing waits. */
  | {
      readonly type: 'visitIncomplete';
      readonly archiverName: string;
      readonly instrument: string;
      readonly groupId: string;
      readonly missing: readonly { readonly snap: number; readonly raft: string; readonly sensor: string }[];
    }
  | {
      readonly type: 'imageIncomplete';
      readonly obsid: string;
      readonly camera: string;
      readonly archiverName: string;
      readonly missing: readonly {
        readonly raft: string;
        readonly sensor: string;
        readonly product: string;
        readonly reason: string;
      }[];
    };

/** `id` is the same when an event is repeated; `time` is TAI ISO; `version` is that of the event's fields. */
export type ArchiverEvent = EventBody & { readonly id: string; readonly time: string; readonly version: 1 };

/** At least once, in the order of publication; subscribers may replay what the adapter still holds. */
export interface EventBus {
  publish(events: readonly ArchiverEvent[]): Promise<void>;
  /**
   * @param after id of the last event that the listener knows: it first gets what the adapter holds since then;
   * undefined begins with what comes
   * @returns a function that ends the subscription.
   */
  subscribe(listener: (event: ArchiverEvent) => void, after?: string): () => void;
  close(): Promise<void>;
}
