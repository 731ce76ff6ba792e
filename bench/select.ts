import { type BenchCase, CASES } from './cases.js';
import { usage } from './folder.js';
import type { Cpu, Variant } from './types.js';

/** Which parts of a case are run; cpu null is the best of the machine. */
export interface Selection {
  readonly name: string;
  readonly parts: readonly Part[];
}

interface Part {
  readonly variant: Variant;
  readonly cpu: Cpu | null;
}

/**
 * Everything, or the parts that were named, each once and in the order of the case: `name` is all its variants, `name+both`, `name@cpu` and
 * `name+both@cpu` are one part each.
 * @param cpus instruction sets of this machine, best first
 * @throws ArchiverError USAGE
 */
export function selectionsOf(texts: readonly string[], cpus: readonly Cpu[]): Selection[] {
  const named =
    texts.length === 0
      ? Object.keys(CASES).map((name) => whole(name, cpus))
      : texts.map((text) => selectionOf(text, cpus));
  return [...new Set(named.map(({ name }) => name))].map((name) => {
    const parts = named.filter((one) => one.name === name).flatMap((one) => one.parts);
    return { name, parts: [...new Map(parts.map((part) => [`${part.variant}@${part.cpu}`, part] as const)).values()] };
  });
}

export function caseNamed(name: string): BenchCase {
  const found = Object.hasOwn(CASES, name) ? CASES[name] : undefined;
  if (found === undefined) throw usage(`no case "${name}"; choose one of ${Object.keys(CASES).join(', ')}`);
  return found;
}

function whole(name: string, cpus: readonly Cpu[]): Selection {
  const { variants, forced } = caseNamed(name);
  const wanted = [null, ...forced.filter((cpu) => cpu !== cpus[0] && cpus.includes(cpu))];
  return { name, parts: variants.flatMap((variant) => wanted.map((cpu) => ({ variant, cpu }))) };
}

function selectionOf(text: string, cpus: readonly Cpu[]): Selection {
  const [, name = text, both, cpu] = /^([a-z-]+)(\+both)?(?:@(\w+))?$/.exec(text) ?? [];
  const { variants, forced } = caseNamed(name);
  if (both !== undefined && !variants.includes('both')) throw usage(`${name} has no variant +both`);
  if (cpu !== undefined && forced.length === 0)
    throw usage(`${name} runs the best instruction set of the machine only`);
  const found = cpu === undefined ? null : cpus.find((one) => one === cpu);
  if (found === undefined) throw usage(`this machine cannot run "${cpu}"; it runs ${cpus.join(', ')}`);
  const wanted = both !== undefined ? (['both'] as const) : found === null ? variants : (['base'] as const);
  return { name, parts: wanted.map((variant) => ({ variant, cpu: found })) };
}
