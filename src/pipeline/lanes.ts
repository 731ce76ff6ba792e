/**
 * Does `work` for every item, in their order, up to `width` of them at the same time. Whatever fails, what is under way is waited for and the rest is still
 * tried, so that nothing goes on behind the caller's back.
 * @throws the first error
 */
export async function inLanes<T>(items: Iterable<T>, width: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const errors: unknown[] = [];
  const lane = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) {
      await work(item).catch((error) => errors.push(error));
    }
  };
  await Promise.all(Array.from({ length: width }, lane));
  if (errors.length > 0) throw errors[0];
}
