/** NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** By name, over all that have it. */
export function medians(of: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  return mapValues(gathered(of.map((one) => mapValues(one, (value) => [value]))), median);
}

/** What stands under the same name in one list. */
export function gathered(lists: readonly Readonly<Record<string, readonly number[]>>[]): Record<string, number[]> {
  const all: Record<string, number[]> = {};
  for (const list of lists) {
    for (const [name, values] of Object.entries(list)) all[name] = [...(all[name] ?? []), ...values];
  }
  return all;
}

export function mapValues<V, W>(record: Readonly<Record<string, V>>, change: (value: V) => W): Record<string, W> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
