import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Keeps an input that broke something. @returns its path */
export function keepInput(input: Buffer, folder: string, target: string): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${target}-crash-${createHash('sha256').update(input).digest('hex').slice(0, 16)}`);
  writeFileSync(path, input);
  return path;
}
