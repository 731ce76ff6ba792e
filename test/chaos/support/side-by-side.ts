import { availableParallelism } from 'node:os';

/** Runs so many units, a few at a time; each gets its number from `first` on and the number of its lane from 0. */
export async function sideBySide(
  units: { readonly first: number; readonly count: number },
  run: (unit: number, lane: number) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  let next = units.first;
  const lane = async (_: unknown, index: number): Promise<void> => {
    while (next < units.first + units.count && !signal.aborted) await run(next++, index);
  };
  await Promise.all(Array.from({ length: availableParallelism() }, lane));
}
