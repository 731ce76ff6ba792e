/**
 * A function of camera data that finds its answer once: camera data is shared and never changes. The answer goes when
 * the data goes. What depends on several parts of a camera is a function of the first that gives one of the next.
 */
export function kept<Data extends object, T>(make: (data: Data) => T): (data: Data) => T {
  const answers = new WeakMap<Data, T>();
  return (data) => {
    const known = answers.get(data);
    if (known !== undefined) return known;
    const made = make(data);
    answers.set(data, made);
    return made;
  };
}
