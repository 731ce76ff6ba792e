import type { ServedArchiver } from '../../src/web/server.js';

/** An archiver that has only the named parts; whoever asks for another one learns which is missing. */
export function served(parts: Partial<ServedArchiver>): ServedArchiver {
  return new Proxy(parts as ServedArchiver, {
    get(target, name: keyof ServedArchiver) {
      if (name in target) return target[name];
      throw new Error(`this test serves no ${String(name)}`);
    },
  });
}
