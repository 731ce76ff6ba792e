import { GATES, type Gate } from './gates.js';
import type { BenchRecord, Cpu, MeasuredRecord } from './types.js';

export interface Summary {
  readonly summary: true;
  /** Best instruction set of this machine, and all that it could run. */
  readonly cpu: Cpu;
  readonly cpus: readonly Cpu[];
  /** `<case>/<contender>`: contender's median / ours. Above 1 we are faster; a floor gives less than 1. */
  readonly ratios: Readonly<Record<string, number>>;
  readonly gates: readonly GateResult[];
}

export interface GateResult {
  readonly figure: string;
  readonly value: number;
  readonly limit: Gate['limit'];
  readonly required: number;
  readonly unit: string;
  readonly outcome: 'pass' | 'miss' | 'not applicable';
  readonly why?: string;
}

export function summarize(records: readonly BenchRecord[], cpu: Cpu, cpus: readonly Cpu[]): Summary {
  const measured = records.filter((record) => 'medianMs' in record);
  return { summary: true, cpu, cpus, ratios: ratiosOf(measured), gates: gateResults(measured, cpu) };
}

/** Peers are run once per variant; a forced path of ours is compared with them too. */
function ratiosOf(measured: readonly MeasuredRecord[]): Record<string, number> {
  const ours = measured.filter(({ contender }) => contender === 'ours');
  const entries = ours.flatMap((own) =>
    measured
      .filter((other) => other.contender !== 'ours' && other.case === unforced(own.case))
      .map((other) => [`${own.case}/${other.contender}`, precise(other.medianMs / own.medianMs)] as const),
  );
  return Object.fromEntries(entries);
}

/** Every promised figure that this run measured; a forced path is held to the figures of its instruction set. */
function gateResults(measured: readonly MeasuredRecord[], best: Cpu): GateResult[] {
  const ours = measured.filter(({ contender }) => contender === 'ours');
  return ours.flatMap((own) =>
    GATES.filter((gate) => gate.case === unforced(own.case)).flatMap((gate) => {
      const value = figureOf(gate, own, measured);
      const cpu = cpuOf(own.case) ?? best;
      return value === undefined ? [] : [judge(gate, own.case, value, cpu, diskFloor(own.case, own, measured))];
    }),
  );
}

function judge(gate: Gate, id: string, value: number, cpu: Cpu, floor: number | undefined): GateResult {
  const what = gate.contender ?? gate.quantity;
  const base = { figure: `${id}/${what}`, value: precise(value), limit: gate.limit, unit: gate.unit };
  if (cpu === 'scalar')
    return { ...base, required: Number.NaN, outcome: 'not applicable', why: 'no figure for scalar' };
  const required = precise(gate.value[cpu]);
  if (gate.diskFloor !== undefined && (floor === undefined || floor < gate.diskFloor)) {
    const why = floor === undefined ? 'the disk was not measured' : `the disk gives ${(floor / 1e9).toFixed(2)} GB/s`;
    return { ...base, required, outcome: 'not applicable', why };
  }
  const holds = gate.limit === 'at least' ? value >= required : value <= required;
  return { ...base, required, outcome: holds ? 'pass' : 'miss' };
}

function figureOf(gate: Gate, own: MeasuredRecord, measured: readonly MeasuredRecord[]): number | undefined {
  const medianOf = (id: string, contender: string) =>
    measured.find((record) => record.case === id && record.contender === contender)?.medianMs;
  const over = (ms: number | undefined) => (ms === undefined ? undefined : own.medianMs / ms);
  switch (gate.quantity) {
    case 'ratio': {
      const ms = medianOf(unforced(own.case), gate.contender ?? '');
      return ms === undefined ? undefined : ms / own.medianMs;
    }
    case 'ms':
      return own.medianMs;
    case 'ownRssBytes':
      return own.figures?.ownRssBytes;
    case 'peakRssBytes':
      return own.peakRssBytes;
    case 'packedGBs':
      return own.figures?.packedBytes === undefined ? undefined : own.figures.packedBytes / own.medianMs / 1e6;
    case 'timeOfBase':
      return over(medianOf(own.case.replace('+both', ''), 'ours'));
    case 'nodeOverKernel': {
      const ms = medianOf(unforced(own.case), 'node');
      return ms === undefined || cpuOf(own.case) !== undefined ? undefined : ms / own.medianMs;
    }
  }
}

/** Bytes per second of plain O_DIRECT writes of the same files. */
function diskFloor(id: string, own: MeasuredRecord, measured: readonly MeasuredRecord[]): number | undefined {
  const floor = measured.find((r) => r.case === unforced(id) && r.contender === 'o-direct-write');
  const bytes = own.figures?.fileBytes;
  return floor === undefined || bytes === undefined ? undefined : (bytes / floor.medianMs) * 1000;
}

/** Without `@<cpu>`: peers are measured once, whatever ours are forced to. */
export function unforced(id: string): string {
  return id.replace(/@\w+$/, '');
}

function cpuOf(id: string): Cpu | undefined {
  return /@(\w+)$/.exec(id)?.[1] as Cpu | undefined;
}

function precise(value: number): number {
  return Number(value.toPrecision(4));
}
