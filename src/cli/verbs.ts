import type { Command } from 'commander';
import { register as bench } from './bench.js';
import { register as capture } from './capture.js';
import { register as catchup } from './catchup.js';
import { register as daqServe } from './daq-serve.js';
import { register as daqSynth } from './daq-synth.js';
import { register as demo } from './demo.js';
import { register as inspect } from './inspect.js';
import { register as quicklook } from './quicklook.js';
import { register as replay } from './replay.js';
import { register as run } from './run.js';
import { register as status } from './status.js';
import { register as verify } from './verify.js';

/** Every verb of the command line, in the order in which help lists them. */
export const VERBS: readonly ((program: Command) => void)[] = [
  demo,
  run,
  status,
  catchup,
  replay,
  capture,
  verify,
  inspect,
  quicklook,
  daqServe,
  daqSynth,
  bench,
];
