import { onTestFinished } from 'vitest';
import { keptTempDir } from './kept-temp.js';

export { keptTempDir } from './kept-temp.js';

/** A new empty folder, removed when the running test ends. Call it inside a test. */
export function tempDir(): string {
  const { path, remove } = keptTempDir();
  onTestFinished(remove);
  return path;
}
