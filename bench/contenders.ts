/** Who takes part. A contender runs in a process of its own per trial; what it needs is looked for, and reported when it is not there. */
export interface Contender {
  readonly what: string;
  /** ours: bench/trial.ts. program: a C program of bench/peers, built on demand. python: a script of bench/peers. */
  readonly kind: 'ours' | 'program' | 'python';
  /** Of a program: its sources in bench/peers and its libraries; of a script: its file. */
  readonly files: readonly string[];
  readonly libraries?: readonly string[];
  readonly needs: readonly Need[];
  /** How far its answer may be from what is right. Absent: it computes nothing that could be compared. */
  readonly answer?: 'equal' | 'rounding';
}

export interface Need {
  readonly kind: 'command' | 'header' | 'module';
  readonly name: string;
  /** Debian's. */
  readonly package: string;
}

const GCC: Need = { kind: 'command', name: 'gcc', package: 'gcc' };
const FITSIO: Need = { kind: 'header', name: 'fitsio.h', package: 'libcfitsio-dev' };
const LIBC: Need = { kind: 'header', name: 'stdio.h', package: 'libc6-dev' };
const NUMPY: Need = { kind: 'module', name: 'numpy', package: 'python3-numpy' };
const ASTROPY: Need = { kind: 'module', name: 'astropy.io.fits', package: 'python3-astropy' };

const OURS = { kind: 'ours', files: [], needs: [], answer: 'equal' } as const;
const C_PIPELINE = {
  kind: 'program',
  files: ['cfitsio.c', 'spec.c', 'pixels.c'],
  libraries: ['cfitsio', 'm', 'pthread'],
  needs: [GCC, LIBC, FITSIO],
  answer: 'equal',
} as const;
const FLOOR = { kind: 'program', files: ['floor.c', 'spec.c'], needs: [GCC, LIBC] } as const;

export const CONTENDERS = {
  ours: { what: 'this project', ...OURS },
  node: { what: 'the same through the assembler and one worker thread: what Node costs around the kernels', ...OURS },
  cfitsio: { what: "C: scalar unpacking, vectorised crosstalk loop, Debian's cfitsio", ...C_PIPELINE },
  'c-pair-loop': { what: 'C: crosstalk source by source, vectorised by gcc -O3 for AVX2 and FMA', ...C_PIPELINE },
  'numpy+astropy': {
    what: "Python: numpy unpacking, ip_isr's pair loop, astropy's RICE_1 files",
    kind: 'python',
    files: ['numpy_pipeline.py'],
    needs: [NUMPY, ASTROPY],
    answer: 'rounding',
  },
  memcpy: { what: 'floor: memcpy of the same pixels', ...FLOOR },
  'o-direct-write': { what: 'floor: plain O_DIRECT writes of the same files, each fsynced', ...FLOOR },
} as const satisfies Record<string, Contender>;

export type ContenderName = keyof typeof CONTENDERS;

export function contender(name: ContenderName): Contender {
  return CONTENDERS[name];
}
