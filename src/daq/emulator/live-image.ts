import type { CameraEvent, DaqNotice, ImageDescription } from '../port.js';
import type { SourceFaults } from './faults.js';

/** One source of an image that the emulator is taking or has taken. */
export interface LiveSource {
  readonly location: string;
  /** File of its packed words. */
  readonly path: string;
  /** Bytes that the registers announce: the readout's rate follows from them. */
  readonly expectedBytes: number;
  /** Bytes that will land in all; fewer than expected when the stream is cut short. */
  readonly total: number;
  /** CRC-32 of those bytes. */
  readonly crc32: number;
  /** False: the end of the stream is never announced. */
  readonly announcesEnd: boolean;
  readonly faults: SourceFaults;
  landed: number;
  done: boolean;
}

/** An image as the emulated DAQ knows it at this moment; every change is published to whoever listens. */
export class LiveImage {
  readonly sources: ReadonlyMap<string, LiveSource>;
  private readonly events: CameraEvent[] = [];
  private triggerNs: bigint | undefined;

  constructor(
    /** Everything but the trigger time and the events, which are this exposure's own. */
    private readonly base: ImageDescription,
    sources: readonly LiveSource[],
    private readonly publish: (image: LiveImage, notice: DaqNotice) => void,
  ) {
    this.sources = new Map(sources.map((source) => [source.location, source]));
  }

  get tag(): string {
    return this.base.image.tag;
  }

  get name(): string {
    return this.base.image.name;
  }

  get folder(): string {
    return this.base.image.folder;
  }

  /** Whether it stands in the catalogue: from its trigger on. */
  get created(): boolean {
    return this.triggerNs !== undefined;
  }

  describe(): ImageDescription {
    const image = { ...this.base.image, triggerNs: (this.triggerNs ?? 0n).toString() };
    return { ...this.base, image, events: [...this.events] };
  }

  /** The readout is triggered, at this TAI time. */
  create(triggerNs: bigint): void {
    this.triggerNs = triggerNs;
    this.publish(this, { type: 'image', image: this.describe().image });
  }

  event(event: CameraEvent): void {
    this.events.push(event);
    this.publish(this, { type: 'event', tag: this.tag, event });
  }

  /** Bytes of a source have landed. Notices can be doubled and disordered by the fault script, the state cannot. */
  advance(source: LiveSource, bytes: number): void {
    const before = this.landedNotice(source);
    source.landed = bytes;
    source.done = bytes === source.total && source.announcesEnd;
    const notice = this.landedNotice(source);
    this.publish(this, notice);
    if (source.faults.get('duplicate') !== undefined) this.publish(this, notice);
    if (source.faults.get('reorder') !== undefined) this.publish(this, before);
  }

  landedNotice(source: LiveSource): Extract<DaqNotice, { type: 'landed' }> {
    const { location, landed: bytes, done } = source;
    return { type: 'landed', tag: this.tag, location, bytes, done, ...(done ? { crc32: source.crc32 } : {}) };
  }
}
