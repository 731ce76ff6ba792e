import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { builtLibrary } from './native.js';

/** What strikes. count: nothing; kill: SIGKILL to the whole process group; die: to the process that does the operation; lie: fsync says done and does nothing. */
export type Action = 'count' | 'kill' | 'fail' | 'shorten' | 'lie' | 'delay' | 'die';
const ACTIONS: readonly Action[] = ['count', 'kill', 'fail', 'shorten', 'lie', 'delay', 'die'];

export interface Strike {
  readonly action: Action;
  /** Number of the operation, 1 for the first. */
  readonly at: number;
  /** How many operations from there on. */
  readonly times?: number;
  /** errno of `fail`. */
  readonly error?: number;
  readonly delayMs?: number;
  /** Count fsync and fdatasync alone. */
  readonly onlySyncs?: boolean;
}

/** Bytes of the control file: see Control in shim.cpp. */
const SIZE = 40;
const ALL = 0xffffffff;

/** Why the shim cannot be used; undefined when it can. */
export function preloadMissing(): string | undefined {
  if (process.platform !== 'linux') return 'LD_PRELOAD needs Linux';
  return spawnSync('g++', ['--version'], { stdio: 'ignore' }).status === 0 ? undefined : 'g++ not found';
}

/** One control file: the processes that are started with its `environment` are counted and struck together. */
export class Shim {
  readonly environment: Readonly<Record<string, string>>;
  readonly #file: number;

  /** @param prefix operations on files and folders below it count */
  constructor(controlPath: string, prefix: string, strike: Strike) {
    this.#file = openSync(controlPath, 'w+');
    ftruncateSync(this.#file, SIZE);
    this.set(strike);
    this.environment = { LD_PRELOAD: builtLibrary('shim'), CHAOS_CONTROL: controlPath, CHAOS_PREFIX: prefix };
  }

  /** Counting goes on where it is. */
  set({ action, at, times, error = 5, delayMs = 0, onlySyncs = false }: Strike): void {
    const bytes = Buffer.alloc(SIZE - 8);
    bytes.writeBigUInt64LE(BigInt(at), 0);
    const words = [
      ACTIONS.indexOf(action),
      error,
      times ?? (action === 'lie' ? ALL : 1),
      delayMs,
      onlySyncs ? 1 : 0,
      0,
    ];
    for (const [index, word] of words.entries()) bytes.writeUInt32LE(word, 8 + 4 * index);
    writeSync(this.#file, bytes, 0, bytes.length, 8);
  }

  /** Operations so far. */
  get operations(): number {
    const bytes = Buffer.alloc(8);
    readSync(this.#file, bytes, 0, 8, 0);
    return Number(bytes.readBigUInt64LE());
  }

  /** How many operations were struck. */
  get struck(): number {
    const bytes = Buffer.alloc(4);
    readSync(this.#file, bytes, 0, 4, 36);
    return bytes.readUInt32LE();
  }

  close(): void {
    closeSync(this.#file);
  }
}
