import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { ArchiverError } from '../../model/errors.js';

const at = z.int().min(0);
const times = z.int().min(1).default(1);

/** Each kind does for real what a DAQ or a network does when it fails. */
const kinds = z.discriminatedUnion('kind', [
  /** The REB took no part: not in the image's locations, no source. */
  z.strictObject({ kind: z.literal('missing') }),
  /** The source exists and ends without a byte. */
  z.strictObject({ kind: z.literal('empty') }),
  /** The stream ends early; with `done` the DAQ says so, without it the source just never becomes whole. */
  z.strictObject({ kind: z.literal('truncate'), at, done: z.boolean().default(false) }),
  /** One byte of the answer to a READ is flipped: behind the frame's CRC, or, with `stored`, before it, where only the CRC of the whole shows it. */
  z.strictObject({ kind: z.literal('corrupt'), at, times, stored: z.boolean().default(false) }),
  /** Landing stops at `at` bytes for `ms`. */
  z.strictObject({ kind: z.literal('stall'), at, ms: z.int().min(0), times }),
  /** The connection is cut before byte `at` is sent. */
  z.strictObject({ kind: z.literal('disconnect'), at, times }),
  /** READ waits `ms` before it answers. */
  z.strictObject({ kind: z.literal('delay'), ms: z.int().min(0), times }),
  /** Every LANDED comes twice. */
  z.strictObject({ kind: z.literal('duplicate') }),
  /** After every LANDED comes the one before it. */
  z.strictObject({ kind: z.literal('reorder') }),
]);

/** `image` and `location` choose what a fault is for; left out, all. */
const script = z.strictObject({
  faults: z.array(
    z.intersection(
      z.object({ image: z.string().optional(), location: z.string().optional() }),
      z.looseObject({ kind: z.string() }),
    ),
  ),
});

type Fault = z.output<typeof kinds>;
type FaultOf<K extends Fault['kind']> = Extract<Fault, { kind: K }>;

/** Faults of one source of one image. Those with `times` wear off: each call of `use` counts. */
export class SourceFaults {
  private readonly used = new Map<Fault, number>();

  constructor(private readonly faults: readonly Fault[]) {}

  get<K extends Fault['kind']>(kind: K): FaultOf<K> | undefined {
    return this.faults.find((fault): fault is FaultOf<K> => fault.kind === kind);
  }

  /** The fault if it has not worn off, counting this use of it. `when` says whether it applies now. */
  use<K extends 'corrupt' | 'disconnect' | 'delay' | 'stall'>(
    kind: K,
    when: (fault: FaultOf<K>) => boolean,
  ): FaultOf<K> | undefined {
    for (const fault of this.faults) {
      const used = this.used.get(fault) ?? 0;
      if (fault.kind !== kind || !('times' in fault) || used >= fault.times || !when(fault as FaultOf<K>)) continue;
      this.used.set(fault, used + 1);
      return fault as FaultOf<K>;
    }
    return undefined;
  }
}

interface Scope {
  readonly image: string | undefined;
  readonly location: string | undefined;
  readonly fault: Fault;
}

/** What goes wrong, on purpose: `{"faults": [{"image": "CC_S_20261121_000001", "location": "22/1", "kind": "truncate", "at": 1000000}]}`. */
export class FaultScript {
  private constructor(private readonly scopes: readonly Scope[]) {}

  static readonly none = new FaultScript([]);

  /** @throws CONFIG_INVALID */
  static parse(value: unknown, where: string): FaultScript {
    const outer = script.safeParse(value);
    if (!outer.success) throw invalid(where, outer.error);
    return new FaultScript(
      outer.data.faults.map(({ image, location, ...rest }) => {
        const fault = kinds.safeParse(rest);
        if (!fault.success) throw invalid(where, fault.error);
        return { image, location, fault: fault.data };
      }),
    );
  }

  /** @throws CONFIG_INVALID, FILE_MISSING */
  static load(path: string): FaultScript {
    let text: string;
    try {
      text = readFileSync(path, 'utf8');
    } catch (cause) {
      throw new ArchiverError('FILE_MISSING', { path }, { cause });
    }
    try {
      return FaultScript.parse(JSON.parse(text), path);
    } catch (error) {
      if (error instanceof ArchiverError) throw error;
      throw new ArchiverError('CONFIG_INVALID', { where: path, problem: 'it is no JSON' });
    }
  }

  of(image: string, location: string): SourceFaults {
    const matching = this.scopes.filter(
      (scope) => (scope.image ?? image) === image && (scope.location ?? location) === location,
    );
    return new SourceFaults(matching.map(({ fault }) => fault));
  }
}

function invalid(where: string, error: z.ZodError): ArchiverError {
  const issue = error.issues[0];
  return new ArchiverError('CONFIG_INVALID', {
    where,
    problem: `${issue?.path.join('.') || 'faults'}: ${issue?.message ?? 'not valid'}`,
  });
}
