import { createHash } from 'node:crypto';
import type { ArchiverEvent, EventBody } from '../../events/port.js';
import { ERRORS, type ErrorData } from '../../model/errors.js';
import { type CcdId, fileKey, relativeBase } from '../../model/ids.js';
import type { DeliveryRow, FileRow, Seal } from '../port.js';
import type { Statements } from '../sqlite.js';

/** Longest `description` that the observatory's event definitions carry. */
const DESCRIPTION_CHARACTERS = 256;

/** What every event says about its image. */
export interface EventImage {
  readonly obsid: string;
  readonly camera: string;
}

/** One CCD and product that an incomplete image lacks. */
export type Missing = Extract<EventBody, { type: 'imageIncomplete' }>['missing'][number];

/**
 * Writes events, in the transaction of the fact that they state. The id of an event is made from that
 * fact, so repeating the fact repeats the id and stores nothing.
 */
export class Outbox {
  readonly #statements: Statements;
  readonly #archiverName: string;
  #stored = 0;

  constructor(statements: Statements, archiverName: string) {
    this.#statements = statements;
    this.#archiverName = archiverName;
  }

  /** Events stored since the ledger was opened. */
  get stored(): number {
    return this.#stored;
  }

  /** Only raw files are archived, so only they are announced as retrieved; error is null for a file that is written. */
  retrieval(image: EventImage, ccd: CcdId, key: string, error: ErrorData | null, tai: string): void {
    const statusCode = error === null ? 0 : ERRORS[error.code].status;
    const id = `imageRetrievalForArchiving.${key}.${error?.code ?? 'ok'}`;
    this.#store(id, tai, { type: 'imageRetrievalForArchiving', statusCode, ...this.#fields(image, ccd, error) });
  }

  /** The event that a target's outcome causes; targets other than these three cause none. */
  delivery(image: EventImage, row: FileRow, seal: Seal, delivery: DeliveryRow, tai: string): void {
    const { file, bytes, groupId, snap, instrument } = row;
    const fields = this.#fields(image, file, delivery.error);
    const isDelivered = delivery.state === 'delivered';
    const id = (type: string): string => `${type}.${fileKey(file)}.${delivery.error?.code ?? 'ok'}`;
    if (delivery.target === 'oods') {
      this.#store(id('imageInOODS'), tai, { type: 'imageInOODS', statusCode: isDelivered ? 0 : 1, ...fields });
    } else if (delivery.target === 'dbb' && isDelivered) {
      this.#store(id('imageArchived'), tai, { type: 'imageArchived', sha256: seal.sha256, bytes, ...fields });
    } else if (delivery.target === 'dbb') {
      this.retrieval(image, file, `${fileKey(file)}.dbb`, delivery.error, tai);
    } else if (delivery.target === 'prompt' && isDelivered) {
      const object = { uri: delivery.uri ?? '', key: `${relativeBase(instrument, file)}.fits`, bytes, md5: seal.md5 };
      this.#store(id('imageForwarded'), tai, { type: 'imageForwarded', ...object, groupId, snap, ...fields });
    }
  }

  /** One event for each set of missing files: an image that lacks fewer after another try is announced again. */
  incomplete(image: EventImage, missing: readonly Missing[], tai: string): void {
    const digest = createHash('sha256').update(JSON.stringify(missing)).digest('hex').slice(0, 16);
    const { obsid, camera } = image;
    const body: EventBody = { type: 'imageIncomplete', obsid, camera, archiverName: this.#archiverName, missing };
    this.#store(`imageIncomplete.${obsid}.${digest}`, tai, body);
  }

  #fields(image: EventImage, ccd: CcdId, error: ErrorData | null) {
    return {
      camera: image.camera,
      obsid: image.obsid,
      raft: ccd.raft,
      sensor: ccd.sensor,
      archiverName: this.#archiverName,
      description: error === null ? '' : describeError(error).slice(0, DESCRIPTION_CHARACTERS),
    };
  }

  #store(id: string, tai: string, body: EventBody): void {
    const event: ArchiverEvent = { ...body, id, time: tai, version: 1 };
    this.#stored += this.#statements.run(
      'INSERT INTO event (id, body) VALUES (?, ?) ON CONFLICT (id) DO NOTHING',
      id,
      JSON.stringify(event),
    );
  }
}

/** `CODE: text`, as events describe an error. */
export function describeError(error: ErrorData): string {
  return `${error.code}: ${error.message}`;
}
