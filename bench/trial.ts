import { loadNative } from '../src/native/binding.js';
import * as assembly from './ours/assembly.js';
import { catchUp } from './ours/catch-up.js';
import { kernel, node } from './ours/kernel.js';
import { latency } from './ours/latency.js';
import { raftPaced } from './ours/paced.js';
import * as rows from './ours/rows.js';
import { peakRssBytes, type Sample, type Work } from './ours/work.js';
import { medians } from './statistics.js';
import type { TrialResult, TrialSpec } from './types.js';

/** What this project does for each case, `<case>/<contender>`. */
const TRIALS: Readonly<Record<string, (spec: TrialSpec) => Promise<Work>>> = {
  'rice-encode/ours': rows.riceEncode,
  'rice-decode/ours': rows.riceDecode,
  'crosstalk/ours': rows.crosstalk,
  'checksum/ours': rows.checksum,
  'kernel/ours': kernel,
  'kernel/node': node,
  'ccd-memory/ours': assembly.ccdMemory,
  'raft-disk/ours': assembly.raftDisk,
  'focal-plane/ours': assembly.focalPlane,
  'raft-paced/ours': raftPaced,
  'catch-up/ours': catchUp,
  'latency/ours': latency,
};

/** Entry of a trial process: one contender of one case, once. The last line of stdout is its result. */
async function main(spec: TrialSpec): Promise<void> {
  const open = TRIALS[`${spec.case}/${spec.contender}`];
  if (open === undefined) throw new Error(`no trial ${spec.case}/${spec.contender}`);
  forceCpu(spec);
  const work = await open(spec);
  const samples = await measure(spec, work);
  const rest = work.result?.() ?? {};
  const figures = { ...medians(samples.map((sample) => sample.figures ?? {})), ...rest.figures };
  const result: TrialResult = { ...rest, ms: samples.map(({ ms }) => ms), peakRssBytes: peakRssBytes(), figures };
  await work.close?.();
  if (spec.keep) await work.answer?.();
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

async function measure({ warmups, iterations }: TrialSpec, work: Work): Promise<Sample[]> {
  const samples: Sample[] = [];
  for (let i = 0; i < warmups + iterations; i++) {
    const start = performance.now();
    const own = await work.run();
    const sample = own ?? { ms: performance.now() - start };
    if (!Number.isFinite(sample.ms)) throw new Error('an iteration ended without what it should have measured');
    if (i >= warmups) samples.push(sample);
  }
  return samples;
}

/** Before anything is measured. */
function forceCpu({ cpu }: TrialSpec): void {
  if (cpu !== null && !loadNative().forceCpu(cpu)) throw new Error(`this machine cannot run ${cpu}`);
}

await main(JSON.parse(process.argv[2] ?? '{}') as TrialSpec);
