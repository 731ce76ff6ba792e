import { statfs } from 'node:fs/promises';

/** Bytes that this process may still write below a folder; 0 also when no file can be made any more. */
export async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize, files, ffree } = await statfs(folder);
  return files > 0 && ffree === 0 ? 0 : bavail * bsize; // no count of files: the file system has no limit
}
