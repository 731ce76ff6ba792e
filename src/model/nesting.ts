/** Block styles that open many levels at once: deep indentation of what is no comment, or many indicators in one line. */
const DEEP_BLOCK = /^ {33} *[^ #\r\n]|^ *(?:[-?:] +){8}/m;

/** A cheap bound on how deep YAML or JSON nests, before a parser recurses into it or takes long: brackets that are open at once, wherever they stand. */
export function nestsDeeply(text: string, most: number): boolean {
  if (DEEP_BLOCK.test(text)) return true;
  let depth = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth = Math.max(0, depth + (bracket === '[' || bracket === '{' ? 1 : -1));
    if (depth > most) return true;
  }
  return false;
}
