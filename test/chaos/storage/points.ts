import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { inLanes } from '../../../src/pipeline/lanes.js';
import type { ChaosContext, ChaosFindings } from '../case.js';
import type { Strike } from '../support/shim.js';
import { addVerdict, checkNames, newVerdict, recover, type Verdict } from './check.js';
import { layerOptions, type Prepared, prepare, SCENARIOS, type Struck, strikeAt } from './faulted.js';

/** Points of a part at which the negative control is tried too. */
const CONTROLS = 4;
/** Which part of the operations of a scenario is done when the control is struck. */
const CONTROL_AT = 0.2;

/** A point: one operation of one scenario. */
export interface Point {
  readonly prepared: Prepared;
  readonly at: number;
}

export interface PointCase {
  readonly strike: (point: Point, unit: number) => Strike;
  /** What is wrong with the way in which the child ended; undefined when it may end so. */
  readonly ending: (struck: Struck) => string | undefined;
  /** Whether the same fault is tried on a writer that tells of its files before they are written. */
  readonly hasControl: boolean;
}

/** Strikes at one operation after the other, each on a new root, starts the layer again on what is left, and checks. */
export async function runPoints(context: ChaosContext, pointCase: PointCase): Promise<ChaosFindings> {
  const { units, folder, signal } = context;
  const scenarios = await Promise.all(
    SCENARIOS.map((scenario, index) => prepare(scenario, join(folder, `scenario-${index}`))),
  );
  const run = new PointsRun(pointCase, folder);
  const every = Math.max(1, Math.floor(units.count / CONTROLS));
  const numbers = Array.from({ length: units.count }, (_, index) => units.first + index);
  await inLanes(numbers, availableParallelism(), async (unit) => {
    if (signal.aborted) return;
    const point = pointOf(scenarios, unit, units.of);
    await run.point(point, unit);
    if (pointCase.hasControl && unit % every === 0) await run.control(point, unit);
  });
  return run.findings(scenarios.reduce((sum, { operations }) => sum + operations, 0));
}

/** Points follow each other over all scenarios. A run of fewer than there are spreads them; one of more begins again from the first. */
function pointOf(scenarios: readonly Prepared[], unit: number, wanted: number): Point {
  const total = scenarios.reduce((sum, { operations }) => sum + operations, 0);
  let left = wanted < total ? Math.floor((unit * total) / wanted) : unit % total;
  for (const prepared of scenarios) {
    if (left < prepared.operations) return { prepared, at: left + 1 };
    left -= prepared.operations;
  }
  throw new RangeError(`no point ${unit}`);
}

class PointsRun {
  readonly #verdict = newVerdict();
  readonly #control = newVerdict();
  readonly #runs: number[] = [];
  readonly #recoveries: number[] = [];
  readonly #reached = { struck: 0, killed: 0, ended: 0, refused: 0 };

  constructor(
    private readonly pointCase: PointCase,
    private readonly folder: string,
  ) {}

  async point(point: Point, unit: number): Promise<void> {
    const place = join(this.folder, `point-${unit}`);
    const { prepared, at } = point;
    const found = newVerdict();
    const start = performance.now();
    const struck = await strikeAt(prepared, place, this.pointCase.strike(point, unit));
    this.#runs.push(performance.now() - start);
    this.#count(struck);
    const wrong = this.pointCase.ending(struck);
    if (wrong !== undefined) found.violations.push(wrong);
    await this.#check(prepared, struck, found);
    if (found.violations.length === 0) rmSync(place, { recursive: true, force: true });
    addVerdict(this.#verdict, found, `point ${unit}, operation ${at} of "${prepared.scenario.name}"`);
  }

  /** Where files are being written: what a writer tells too early is lost only between its word and its deed. */
  async control({ prepared }: Point, unit: number): Promise<void> {
    const place = join(this.folder, `control-${unit}`);
    const at = Math.ceil(prepared.operations * CONTROL_AT);
    const strike = this.pointCase.strike({ prepared, at }, unit);
    const { root, facts } = await strikeAt(prepared, place, strike, { tellsEarly: true });
    checkNames(root, prepared.expected, facts, this.#control);
    rmSync(place, { recursive: true, force: true });
  }

  /** @param operations of all scenarios: so many points there are */
  findings(operations: number): ChaosFindings {
    const { violations, ...counts } = this.#verdict;
    const { exposed, lost } = this.#control;
    return {
      counts: { ...counts, ...this.#reached, maxOperations: operations },
      ms: { run: this.#runs, recovery: this.#recoveries },
      violations,
      ...(this.pointCase.hasControl ? { control: { exposed, lost } } : {}),
    };
  }

  async #check(prepared: Prepared, { root, facts, struck }: Struck, found: Verdict): Promise<void> {
    const { expected, scenario, store } = prepared;
    checkNames(root, expected, facts, found);
    if (struck === 0) found.exposed = 0; // it ended before its fault
    const { imagesInFlight: _, ...options } = layerOptions(root, scenario, store);
    const { ms } = await recover(options, { expected, facts, verdict: found });
    this.#recoveries.push(ms);
  }

  #count({ told, struck }: Struck): void {
    if (struck > 0) this.#reached.struck += 1;
    this.#reached[told.signal !== null ? 'killed' : told.code === 0 ? 'ended' : 'refused'] += 1;
  }
}
