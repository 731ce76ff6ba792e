import type { ContenderName } from './contenders.js';
import type { Cpu, Scene, Variant } from './types.js';

/** How often a contender repeats the work within one trial process. */
export interface Entry {
  readonly contender: ContenderName;
  readonly warmups: number;
  readonly iterations: number;
}

/** One question that the benchmark answers. */
export interface BenchCase {
  readonly what: string;
  readonly scene: Scene;
  readonly variants: readonly Variant[];
  /** Where the input is: in memory that the trial has filled before, or with the DAQ emulator, a process of its own. */
  readonly from: 'memory' | 'socket';
  /** Instruction sets that are also run by force, as `<case>@<cpu>`, where the machine has a better one; none: it cannot be forced. */
  readonly forced: readonly Cpu[];
  readonly rounds: number;
  /** How answers are compared. */
  readonly answer: 'bytes' | 'pixels' | 'fits';
  /** Nobody else computes it: ours must be what `raft-disk` makes, in this variant, of the same words. */
  readonly raft?: Variant;
  /** The first is ours. */
  readonly entries: readonly Entry[];
}

const entry = (contender: ContenderName, iterations: number, warmups = 1): Entry => ({
  contender,
  warmups,
  iterations,
});

/** Iterations of one CCD after which an archiver's JavaScript is compiled, as that of one that has taken its first few rafts is. */
const WARM = 40;

const BASE: readonly Variant[] = ['base'];
const ALL: readonly Variant[] = ['base', 'both'];

export const CASES: Readonly<Record<string, BenchCase>> = {
  'rice-encode': {
    what: 'RICE_1 of one CCD (18.9 Mpx), one thread',
    scene: 'ccd',
    variants: BASE,
    from: 'memory',
    forced: ['avx2'],
    rounds: 5,
    answer: 'bytes',
    entries: [entry('ours', 7, 2), entry('cfitsio', 3), entry('memcpy', 7, 2)],
  },
  'rice-decode': {
    what: 'RICE_1 tiles of one CCD back to pixels, one thread',
    scene: 'ccd',
    variants: BASE,
    from: 'memory',
    forced: ['avx2'],
    rounds: 5,
    answer: 'bytes',
    entries: [entry('ours', 7, 2), entry('cfitsio', 3), entry('memcpy', 7, 2)],
  },
  crosstalk: {
    what: 'pedestal and crosstalk of one CCD, pixels to pixels, one thread',
    scene: 'ccd',
    variants: ALL,
    from: 'memory',
    forced: ['avx2'],
    rounds: 5,
    answer: 'pixels',
    entries: [entry('ours', 7, 2), entry('c-pair-loop', 3), entry('numpy+astropy', 1), entry('memcpy', 7, 2)],
  },
  checksum: {
    what: 'DATASUM of 18.4 MB, one thread',
    scene: 'ccd',
    variants: BASE,
    from: 'memory',
    forced: [],
    rounds: 5,
    answer: 'bytes',
    entries: [entry('ours', 15, 3), entry('cfitsio', 7), entry('memcpy', 15, 3)],
  },
  kernel: {
    what: 'unpack, crosstalk and Rice of one CCD, one thread',
    scene: 'ccd',
    variants: ALL,
    from: 'memory',
    forced: ['avx2'],
    rounds: 5,
    answer: 'bytes',
    entries: [entry('ours', 15, WARM), entry('node', 15, WARM), entry('cfitsio', 1), entry('memcpy', 15, 2)],
  },
  'ccd-memory': {
    what: 'packed words of one CCD to a checksummed FITS file in memory, one thread',
    scene: 'ccd',
    variants: ALL,
    from: 'memory',
    forced: ['avx2'],
    rounds: 5,
    answer: 'fits',
    entries: [entry('ours', 15, WARM), entry('cfitsio', 1)],
  },
  'raft-disk': {
    what: 'packed words of nine CCDs to fsynced FITS files, two cores',
    scene: 'raft',
    variants: ALL,
    from: 'memory',
    forced: ['avx2'],
    rounds: 5,
    answer: 'fits',
    entries: [entry('ours', 7, 5), entry('cfitsio', 1), entry('numpy+astropy', 1), entry('o-direct-write', 7)],
  },
  'raft-paced': {
    what: 'a raft over a socket at the pace of its readout: last pixel to the last durable file',
    scene: 'raft',
    variants: BASE,
    from: 'socket',
    forced: [],
    rounds: 3,
    answer: 'fits',
    raft: 'base',
    entries: [entry('ours', 3)],
  },
  'focal-plane': {
    what: '204 CCDs to fsynced FITS files, two cores; three streams of packed words, in turn',
    scene: 'focal-plane',
    variants: BASE,
    from: 'memory',
    forced: [],
    rounds: 3,
    answer: 'fits',
    raft: 'base',
    entries: [entry('ours', 1), entry('o-direct-write', 1)],
  },
  'catch-up': {
    what: 'the whole service started late: 20 missed exposures while the camera takes one each 3 s',
    scene: 'raft',
    variants: BASE,
    from: 'socket',
    forced: [],
    rounds: 1,
    answer: 'fits',
    raft: 'both',
    entries: [entry('ours', 1, 0)],
  },
  latency: {
    what: 'the whole service as users run it: end of readout to archived, in OODS and notified, per file',
    scene: 'raft',
    variants: BASE,
    from: 'socket',
    forced: [],
    rounds: 1,
    answer: 'fits',
    raft: 'both',
    entries: [entry('ours', 20)],
  },
};

/** `<case>`, `<case>+both`, either with `@<cpu>`. */
export function caseId(name: string, variant: Variant, cpu: Cpu | null): string {
  return `${name}${variant === 'both' ? '+both' : ''}${cpu === null ? '' : `@${cpu}`}`;
}

/** Without `@<cpu>`: peers are measured once, whatever ours are forced to. */
export function unforced(id: string): string {
  return id.replace(/@\w+$/, '');
}
