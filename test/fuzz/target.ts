/** One reader of bytes from outside. Every input must end in a result or an ArchiverError; anything else is a finding. */
export interface FuzzTarget {
  /** Lower case with hyphens; what `--target` takes. */
  readonly name: string;
  /** Inputs that are whole, which mutations start from. */
  readonly seeds: readonly Buffer[];
  run(input: Buffer): void | Promise<void>;
}

/** One input of one target may take so long. */
export const LIMIT_MS = 1000;
