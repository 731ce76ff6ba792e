import * as assembly from './ours/assembly.js';
import { latency } from './ours/latency.js';
import { raftPaced } from './ours/paced.js';
import * as rows from './ours/rows.js';
import { peakRssBytes, type Work } from './ours/work.js';
import type { TrialResult, TrialSpec } from './types.js';

/** What this project does for each case, `<case>/<contender>`. */
const TRIALS: Readonly<Record<string, (spec: TrialSpec) => Promise<Work>>> = {
  'rice-encode/ours': rows.riceEncode,
  'rice-decode/ours': rows.riceDecode,
  'crosstalk/ours': rows.crosstalk,
  'checksum/ours': rows.checksum,
  'kernel/ours': assembly.kernel,
  'kernel/node': assembly.node,
  'ccd-memory/ours': assembly.ccdMemory,
  'raft-disk/ours': assembly.raftDisk,
  'focal-plane/ours': assembly.focalPlane,
  'raft-paced/ours': raftPaced,
  'latency/ours': latency,
};

/** Entry of a trial process: one contender of one case, once. The last line of stdout is its result. */
async function main(spec: TrialSpec): Promise<void> {
  const open = TRIALS[`${spec.case}/${spec.contender}`];
  if (open === undefined) throw new Error(`no trial ${spec.case}/${spec.contender}`);
  assembly.forceCpu(spec);
  const work = await open(spec);
  const ms = await measure(spec, work);
  if (spec.keep) await work.answer?.();
  const result: TrialResult = { ms, peakRssBytes: peakRssBytes(), ...work.result?.() };
  await work.close?.();
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

async function measure({ warmups, iterations }: TrialSpec, work: Work): Promise<number[]> {
  const taken: number[] = [];
  for (let i = 0; i < warmups + iterations; i++) {
    const start = performance.now();
    const own = await work.run();
    const ms = own ?? performance.now() - start;
    if (i >= warmups) taken.push(ms);
  }
  return taken;
}

await main(JSON.parse(process.argv[2] ?? '{}') as TrialSpec);
