import { ArchiverError } from '../../model/errors.js';
import type { DaqNotice } from '../port.js';
import type { LiveImage, LiveSource } from './live-image.js';

export type NoticeListener = (image: LiveImage, notice: DaqNotice) => void;

/** The images that the emulated DAQ holds, and who wants to hear of them. */
export class Catalogue {
  private readonly images = new Map<string, LiveImage>();
  private readonly listeners = new Set<NoticeListener>();

  /** Announced images answer requests from their creation on; camera events may come before. */
  add(image: LiveImage): void {
    this.images.set(image.tag, image);
  }

  publish(image: LiveImage, notice: DaqNotice): void {
    for (const listener of this.listeners) listener(image, notice);
  }

  /** @returns a function that ends it. */
  listen(listener: NoticeListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Oldest first. */
  list(folder: string): LiveImage[] {
    return [...this.images.values()].filter((image) => image.created && image.folder === folder);
  }

  /** @throws DAQ_NO_IMAGE */
  image(tag: string): LiveImage {
    const image = this.images.get(tag);
    if (image?.created !== true) throw new ArchiverError('DAQ_NO_IMAGE', { image: tag });
    return image;
  }

  /** @throws DAQ_NO_IMAGE, DAQ_NO_SOURCE, DAQ_NO_DATA when the range has not landed */
  range(tag: string, location: string, offset: number, length: number): LiveSource {
    const source = this.image(tag).sources.get(location);
    if (source === undefined) throw new ArchiverError('DAQ_NO_SOURCE', { image: tag, location });
    if (offset + length > source.landed)
      throw new ArchiverError('DAQ_NO_DATA', { image: tag, location, offset, length });
    return source;
  }
}
