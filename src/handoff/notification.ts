import type { ArchiverEvent } from '../events/port.js';
import { taiFromIso, utcIsoFromTai } from '../model/time.js';

type Forwarded = Extract<ArchiverEvent, { readonly type: 'imageForwarded' }>;

/** One record of an S3 event message (event version 2.2), as prompt processing and OODS read them: that a new object is in a bucket. */
export interface ObjectCreated {
  readonly eventVersion: '2.2';
  readonly eventSource: 'ccarchiver:s3';
  /** UTC, whole seconds. */
  readonly eventTime: string;
  readonly eventName: 'ObjectCreated:Put';
  readonly s3: {
    readonly s3SchemaVersion: '1.0';
    readonly bucket: { readonly name: string };
    readonly object: {
      /** As it is, not percent-encoded. */
      readonly key: string;
      readonly size: number;
      /** MD5 of the object, without quotes. */
      readonly eTag: string;
      /** Of two messages on one object the later one has the greater sequencer, compared as text. */
      readonly sequencer: string;
    };
  };
  /** The id of the archiver's event: the same when a message is repeated. */
  readonly eventId: string;
}

/** Where notifications of new objects go. At least once, in the order of delivery; the same record may come again. */
export interface NotificationSink {
  /**
   * Resolves when all of them are taken.
   * @throws ArchiverError NOTIFICATION_FAILED, REDIS_UNREACHABLE: none, some or all may have been taken
   */
  notify(records: readonly ObjectCreated[]): Promise<void>;
  /** Ends what is under way with an error. */
  close(): void;
}

/** What a bucket would have sent of the object that the event tells of. Sidecars are not announced: they are there first. */
export function objectCreated({ id, time, key, bytes, md5 }: Forwarded, bucket: string): ObjectCreated {
  const tai = taiFromIso(time) ?? 0n;
  return {
    eventVersion: '2.2',
    eventSource: 'ccarchiver:s3',
    eventTime: `${utcIsoFromTai(tai)}Z`,
    eventName: 'ObjectCreated:Put',
    s3: {
      s3SchemaVersion: '1.0',
      bucket: { name: bucket },
      object: { key, size: bytes, eTag: md5, sequencer: tai.toString(16).toUpperCase().padStart(16, '0') },
    },
    eventId: id,
  };
}

/** The notifications that these events cause. */
export function notificationsOf(events: readonly ArchiverEvent[], bucket: string): ObjectCreated[] {
  return events.flatMap((event) => (event.type === 'imageForwarded' ? [objectCreated(event, bucket)] : []));
}
