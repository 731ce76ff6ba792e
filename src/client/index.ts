/** `ccarchiver/client`: what a consumer of images needs. docs/consumers.md shows it at work. */
export type { ArchiverEvent } from '../events/port.js';
export { ArchiverError } from '../model/errors.js';
export type { PresenceKey } from '../pipeline/presence.js';
export type { ArchiverStatus } from '../pipeline/status.js';
export type { ImageRow } from '../stage/port.js';
export { ArchiverClient, type Detector, type EventOptions, type WaitOptions } from './archiver.js';
export {
  type AssembledCcd,
  type CcdImageOptions,
  type CcdOptions,
  type CcdSegments,
  readCcdImage,
  readCcdSegments,
} from './pixels.js';
export { readSidecar, type Sidecar } from './sidecar.js';
