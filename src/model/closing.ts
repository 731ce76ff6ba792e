/**
 * Closes one after another, in the given order. One that fails keeps none of the others open: a process would not end, a lock would stay.
 * @throws what the first of them threw, once all were closed
 */
export async function closeAll(closers: readonly (() => unknown)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const close of closers) {
    try {
      await close();
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
}
