import type { FileFacts } from '../../src/assemble/port.js';
import { headerInput } from '../support/header-input.js';

/** Facts for the files of an image whose content does not matter. */
export function fileFacts(): FileFacts {
  const { compression, createdAt, version, daq, exposure, conditions, header } = headerInput();
  return { compression, createdAt, version, daq, exposure, conditions, header };
}
