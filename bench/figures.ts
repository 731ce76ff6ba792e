import { unforced } from './cases.js';
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

function ratiosOf(measured: readonly MeasuredRecord[]): Record<string, number> {
  const ours = measured.filter(({ contender }) => contender === 'ours');
  const entries = ours.flatMap((own) =>
    beside(own.case, measured)
      .filter(({ contender }) => contender !== 'ours')
      .map((other) => [`${own.case}/${other.contender}`, precise(other.medianMs / own.medianMs)] as const),
  );
  return Object.fromEntries(entries);
}

/** The records that belong to a case: peers were run once per variant, so they stand beside a forced path of ours too. */
export function beside<R extends BenchRecord>(id: string, records: readonly R[]): R[] {
  const own = records.filter((record) => record.case === id);
  const known = new Set(own.map(({ contender }) => contender));
  const peers = records.filter((record) => record.case === unforced(id) && !known.has(record.contender));
  return [...own, ...peers];
}

/** Every promised figure that this run measured; a forced path is held to the figures of its instruction set. */
function gateResults(measured: readonly MeasuredRecord[], best: Cpu): GateResult[] {
  const ours = measured.filter(({ contender }) => contender === 'ours');
  return ours.flatMap((own) =>
    GATES.filter((gate) => gate.case === unforced(own.case)).flatMap((gate) => {
      const value = figureOf(gate, own, measured);
      const cpu = cpuOf(own.case) ?? best;
      return value === undefined ? [] : [judge(gate, own, value, cpu)];
    }),
  );
}

function judge(gate: Gate, own: MeasuredRecord, value: number, cpu: Cpu): GateResult {
  const what = gate.contender ?? gate.quantity;
  const base = { figure: `${own.case}/${what}`, value: precise(value), limit: gate.limit, unit: gate.unit };
  if (cpu === 'scalar')
    return { ...base, required: Number.NaN, outcome: 'not applicable', why: 'no figure for scalar' };
  const limit = gate.value[cpu];
  const required = precise(limit);
  const floor = diskBytesPerSecond(own);
  if (gate.diskFloor !== undefined && (floor === undefined || floor < gate.diskFloor)) {
    const why = floor === undefined ? 'the disk was not measured' : `the disk gives ${(floor / 1e9).toFixed(2)} GB/s`;
    return { ...base, required, outcome: 'not applicable', why };
  }
  const holds = gate.limit === 'at least' ? value >= limit : value <= limit;
  return { ...base, required, outcome: holds ? 'pass' : 'miss' };
}

function figureOf(gate: Gate, own: MeasuredRecord, measured: readonly MeasuredRecord[]): number | undefined {
  const timeOf = (id: string, contender: string) =>
    beside(id, measured).find((record) => record.contender === contender)?.medianMs ?? Number.NaN;
  switch (gate.quantity) {
    case 'ratio':
      return known(timeOf(own.case, gate.contender ?? '') / own.medianMs);
    case 'ms':
      return own.medianMs;
    case 'ownRssBytes':
      return own.peakRssBytes - (own.figures?.inputBytes ?? 0);
    case 'peakRssBytes':
      return own.peakRssBytes;
    case 'packedGBs':
    case 'timesLive':
    case 'presenceP99Ms':
      return own.figures?.[gate.quantity];
    case 'timeOfBase':
      return known(own.medianMs / timeOf(own.case.replace('+both', ''), 'ours'));
    case 'nodeOverKernel':
      return known(timeOf(own.case, 'node') / own.medianMs);
  }
}

/** Undefined when a part of it was not measured. */
function known(value: number): number | undefined {
  return Number.isNaN(value) ? undefined : value;
}

/** Of plain O_DIRECT writes of the same files. */
function diskBytesPerSecond({ figures }: MeasuredRecord): number | undefined {
  const { fileBytes, diskFloorMs } = figures ?? {};
  return fileBytes === undefined || diskFloorMs === undefined ? undefined : (fileBytes / diskFloorMs) * 1000;
}

function cpuOf(id: string): Cpu | undefined {
  return /@(\w+)$/.exec(id)?.[1] as Cpu | undefined;
}

function precise(value: number): number {
  return Number(value.toPrecision(4));
}
