import { describe, expect, it } from 'vitest';
import { CASES } from '../../bench/cases.js';
import { selectionsOf } from '../../bench/select.js';

const CPUS = ['avx512', 'avx2', 'scalar'] as const;

function parts(...texts: string[]): string[] {
  return selectionsOf(texts, CPUS).flatMap((one) =>
    one.parts.map(({ variant, cpu }) => `${one.name} ${variant} ${cpu}`),
  );
}

describe('what is run', () => {
  it('is everything unless cases are named, with AVX2 by force where the machine has better', () => {
    expect(selectionsOf([], CPUS).map(({ name }) => name)).toEqual(Object.keys(CASES));
    expect(parts()).toContain('raft-disk both avx2');
    expect(selectionsOf([], ['avx2', 'scalar']).flatMap((one) => one.parts.map(({ cpu }) => cpu))).not.toContain(
      'avx2',
    );
  });

  it('is both variants of a bare name, one part of a full one, and each once', () => {
    expect(parts('kernel')).toEqual(['kernel base null', 'kernel both null']);
    expect(parts('kernel+both@avx2')).toEqual(['kernel both avx2']);
    expect(parts('kernel', 'checksum', 'kernel+both')).toEqual([
      'kernel base null',
      'kernel both null',
      'checksum base null',
    ]);
  });
});
