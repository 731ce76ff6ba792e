import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ArchiverEvent } from '../../../src/events/port.js';
import { baseName, fileKey } from '../../../src/model/ids.js';
import type { FileRow } from '../../../src/stage/port.js';
import { type Acknowledgement, StorageLayer } from './layer.js';
import { digestsBelow } from './tree.js';

/** What stands in a root where nothing went wrong. */
export type Expected = ReadonlyMap<string, string>;

export interface Verdict {
  /** Acknowledged facts that were exposed to the fault. */
  exposed: number;
  lost: number;
  partialNames: number;
  duplicateEffects: number;
  readonly violations: string[];
}

export const newVerdict = (): Verdict => ({
  exposed: 0,
  lost: 0,
  partialNames: 0,
  duplicateEffects: 0,
  violations: [],
});

export function addVerdict(sum: Verdict, one: Verdict, where: string): void {
  sum.exposed += one.exposed;
  sum.lost += one.lost;
  sum.partialNames += one.partialNames;
  sum.duplicateEffects += one.duplicateEffects;
  sum.violations.push(...one.violations.map((text) => `${where}: ${text}`));
}

/**
 * Right after the fault, before anything is repaired: every name is whole, and what was acknowledged stands on disk. A delivered fact is asked
 * of the target's folder, a written or sealed one of the archive or the spool.
 */
export function checkNames(
  root: string,
  expected: Expected,
  facts: readonly Acknowledgement[],
  verdict: Verdict,
): void {
  const standing = digestsBelow(root);
  for (const [path, digest] of standing) {
    if (expected.get(path) === digest) continue;
    verdict.partialNames += 1;
    verdict.violations.push(`${path} stands there with other bytes than a whole one`);
  }
  for (const fact of facts) {
    verdict.exposed += 1;
    const paths = pathsOf(fact, expected);
    if (paths.length > 0 && paths.every((path) => standing.has(path))) continue;
    verdict.lost += 1;
    verdict.violations.push(`${fileKey(fact.file)} was acknowledged as ${fact.state} ${fact.target ?? ''}: not there`);
  }
}

const PRODUCT_FOLDER = { raw: 'archive', corrected: 'corrected' } as const;
const FOLDER: Readonly<Record<string, string>> = { oods: 'oods', dbb: 'dbb', prompt: 'bucket' };

/** Where the file and its sidecar of an acknowledged fact must stand. */
function pathsOf({ file, target }: Acknowledgement, expected: Expected): string[] {
  const folder = target === undefined ? PRODUCT_FOLDER[file.product] : FOLDER[target];
  const name = `/${baseName(file)}.`;
  return [...expected.keys()].filter((path) => path.startsWith(`${folder}/`) && path.includes(name));
}

export interface Recovery {
  readonly expected: Expected;
  readonly facts: readonly Acknowledgement[];
  readonly verdict: Verdict;
  /** Facts that promise nothing. */
  readonly late?: readonly Acknowledgement[];
}

/** The program's own start on the same root: afterwards all is there, once, and the ledger says so. @returns milliseconds until all was done, and how many of the late facts the ledger did not know */
export async function recover(
  options: Omit<Parameters<typeof StorageLayer.open>[0], 'acknowledged' | 'problem' | 'tellsEarly'>,
  { expected, facts, verdict, late = [] }: Recovery,
): Promise<{ readonly ms: number; readonly gone: number }> {
  const start = performance.now();
  const problems: string[] = [];
  const problem = ({ message }: { message: string }) => problems.push(message);
  const layer = await StorageLayer.open({ ...options, acknowledged: () => undefined, problem });
  for (const fact of await unknownOf(layer, facts)) {
    verdict.lost += 1;
    verdict.violations.push(`the ledger does not know ${fileKey(fact.file)} as ${fact.state} ${fact.target ?? ''}`);
  }
  const gone = (await unknownOf(layer, late)).length;
  const rows = await layer.archiveAll(2);
  const ms = performance.now() - start;
  for (const { obsid, state } of rows) {
    if (state !== 'complete') verdict.violations.push(`${obsid} is ${state} after the recovery (${problems[0] ?? ''})`);
  }
  checkEvents(await layer.ledger.events().pending('bus', 1_000_000), verdict);
  await layer.close();
  checkComplete(options.root, expected, verdict);
  return { ms, gone };
}

const RANK = { failed: 0, written: 1, sealed: 2 } as const;

/** Those that the ledger does not know. */
async function unknownOf(layer: StorageLayer, facts: readonly Acknowledgement[]): Promise<Acknowledgement[]> {
  const view = layer.ledger.view();
  const unknown: Acknowledgement[] = [];
  for (const fact of facts) if (!knows(await view.file(fact.file), fact)) unknown.push(fact);
  return unknown;
}

function knows(row: FileRow | undefined, { state, target }: Acknowledgement): boolean {
  if (row === undefined) return false;
  if (state === 'delivered') return row.deliveries.some((one) => one.target === target && one.state === 'delivered');
  return RANK[row.state] >= RANK[state];
}

/** One event for each fact. Where nobody publishes, the outbox holds every event. */
export function checkEvents(events: readonly ArchiverEvent[], verdict: Verdict): void {
  const seen = new Set<string>();
  for (const event of events) {
    const fact = factOf(event);
    if (seen.has(fact)) {
      verdict.duplicateEffects += 1;
      verdict.violations.push(`two events for ${fact}`);
    }
    seen.add(fact);
  }
}

/** What an event states; an imageRetrievalForArchiving also states why a file is not there, and may do so for several reasons. */
export function factOf(event: ArchiverEvent): string {
  const slot = 'raft' in event ? `${event.raft}_${event.sensor}` : '';
  const obsid = 'obsid' in event ? event.obsid : event.id;
  return `${event.type} ${obsid} ${slot} ${event.type === 'imageRetrievalForArchiving' ? event.id : ''}`;
}

/** All that a run without a fault leaves is there, and nothing else. */
export function checkComplete(root: string, expected: Expected, verdict: Verdict): void {
  const standing = digestsBelow(root);
  for (const [path, digest] of expected) {
    if (standing.get(path) !== digest) verdict.violations.push(`${path} is missing or other after the recovery`);
  }
  for (const path of standing.keys()) {
    if (expected.has(path)) continue;
    verdict.duplicateEffects += 1;
    verdict.violations.push(`${path} is one name too many`);
  }
  const temporary = join(root, '.tmp');
  for (const name of existsSync(temporary) ? readdirSync(temporary) : []) {
    verdict.violations.push(`.tmp/${name} was left over`);
  }
}
