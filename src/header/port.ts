import type { HeaderPackage } from '../model/header-package.js';

/** Where header packages come from: a folder, or the header service over HTTP. */
export interface HeaderSource {
  /**
   * Waits until the package of an image is there and whole, then parses it. A source opened as complete waits for none that is not there.
   * @throws ArchiverError HEADER_MISSING when `signal` aborts first or none will come, HEADER_INVALID for a package that cannot be
   * used, HEADER_WRONG_IMAGE for one that names another image, IMAGE_NAME_INVALID
   */
  fetch(obsid: string, options: { readonly signal: AbortSignal }): Promise<HeaderPackage>;
  /** Ends every fetch under way, as their signals would. */
  close(): Promise<void>;
}
