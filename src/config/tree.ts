/** Settings before they are checked. */
export type Tree = { [name: string]: unknown };

/** Settings that are text whatever they look like: a password of digits is no number. */
const TEXTS: ReadonlySet<string> = new Set(['username', 'password']);

/** CCARCHIVER_A__B sets a.b; names are matched without case and underscores, values are read as YAML scalars. @param known names of the first level; others are left out */
export function fromEnvironment(environment: NodeJS.ProcessEnv, known: readonly string[]): Tree {
  const tree: Tree = {};
  for (const [name, value] of Object.entries(environment)) {
    const path = /^CCARCHIVER_(\w+)$/.exec(name)?.[1]?.split('__').map(settingName);
    const [first, second] = path ?? [];
    if (first === undefined || value === undefined || !known.includes(first)) continue;
    const parsed: unknown = /^[\w./:-]+$/.test(value) && !Number.isNaN(Number(value)) ? Number(value) : value;
    const scalar = parsed === 'true' ? true : parsed === 'false' ? false : parsed;
    const typed = TEXTS.has(second ?? first) ? value : scalar;
    if (second === undefined) tree[first] = first === 'products' ? String(value).split(',') : typed;
    else tree[first] = { ...(tree[first] as Tree | undefined), [second]: typed };
  }
  return tree;
}

/** BAND_ROWS -> bandRows */
function settingName(text: string): string {
  return text.toLowerCase().replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** Settings of `above` win, level by level. */
export function merge(below: Tree, above: Tree): Tree {
  const result: Tree = { ...below };
  for (const [name, value] of Object.entries(above)) {
    if (value === undefined) continue;
    const old = result[name];
    result[name] = isTree(old) && isTree(value) ? merge(old, value) : value;
  }
  return result;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
