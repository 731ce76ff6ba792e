import type { ImageEntry } from '../stage/port.js';
import type { ImagePlan, SourcePlan } from './identify.js';
import type { Metadata } from './metadata.js';
import type { Readout } from './readout.js';
import type { ArchiveServices } from './services.js';

/** One REB of one image on its way to files. */
export interface SourceContext {
  readonly image: ImagePlan;
  readonly entry: ImageEntry;
  readonly source: SourcePlan;
  readonly metadata: Promise<Metadata>;
  readonly readout: Readout;
  readonly services: ArchiveServices;
  /** Aborts at the image's deadline. */
  readonly signal: AbortSignal;
}
