// Fuzzing, apart from `npm test`: coverage-guided of the native core with libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer, and by mutation of
// the readers in TypeScript (test/fuzz).
//   npm run fuzz -- [--target NAME] [--runs N | --seconds N] [--seed N] [--json] [--list]
// A target is a file of native/fuzz, which starts from the inputs in native/fuzz/corpus, or one of test/fuzz/targets.ts. Found inputs are kept in build/fuzz/NAME; an input that breaks something in build/fuzz/NAME-crash-*.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { instructionFlags, nativeSources, root } from './compile-native.mjs';

const COMPILERS = ['clang++', ...[21, 20, 19, 18, 17, 16, 15, 14].map((version) => `clang++-${version}`)];
const CHECKS = '-fsanitize=address,undefined';
const COMPILE = ['-std=c++20', '-O2', '-g', '-ffp-contract=off', '-fno-sanitize-recover=undefined', '-pthread'];
const DEFAULT_RUNS = '1000000';
const folder = join(root, 'build', 'fuzz');
const text = { type: 'string' };
const flag = { type: 'boolean', default: false };
const { values } = parseArgs({
  options: { target: text, runs: text, seconds: text, seed: { ...text, default: '1' }, json: flag, list: flag },
});

try {
  await main();
} catch (error) {
  console.error(`fuzz: ${error.message}`);
  process.exitCode = 1;
}

async function main() {
  const native = nativeSources('fuzz').map((source) => basename(source, '.cpp'));
  const readers = (await fuzzReaders('--list')).map(({ target }) => target);
  const isWanted = (name) => values.target === undefined || name === values.target;
  const targets = { native: native.filter(isWanted), readers: readers.filter(isWanted) };
  if (targets.native.length + targets.readers.length === 0) {
    throw new Error(`no target ${values.target}; there are ${[...native, ...readers].join(', ')}`);
  }
  if (values.list) return console.log([...targets.native, ...targets.readers].join('\n'));
  mkdirSync(folder, { recursive: true });
  const results = [...(await fuzzNative(targets.native)), ...(await fuzzAllReaders(targets.readers))];
  tell(results);
  if (results.some(({ findings }) => findings > 0)) process.exitCode = 1;
}

async function fuzzNative(targets) {
  if (targets.length === 0) return [];
  const compiler = COMPILERS.find(hasLibFuzzer);
  if (compiler === undefined) {
    console.error(
      `not run: ${targets.join(', ')}: libFuzzer is needed (Debian packages clang-19 and libclang-rt-19-dev)`,
    );
    return [];
  }
  const core = await compileAll(compiler, nativeSources('core'));
  return Promise.all(targets.map((target) => fuzz(compiler, core, target)));
}

/** Two at a time. */
async function fuzzAllReaders(targets) {
  const limits = ['runs', 'seconds', 'seed'].flatMap((name) =>
    values[name] === undefined ? [] : [`--${name}`, values[name]],
  );
  const left = [...targets];
  const results = [];
  const lane = async () => {
    for (let target = left.shift(); target !== undefined; target = left.shift()) {
      results.push(...(await fuzzReaders('--target', target, ...limits)));
    }
  };
  await Promise.all([lane(), lane()]);
  return results;
}

/** @returns the records that it printed */
async function fuzzReaders(...args) {
  const { code, output } = await collect(process.execPath, [join(root, 'dist', 'test', 'fuzz', 'main.js'), ...args]);
  if (code !== 0) throw new Error(`the readers' fuzzer ended with ${code}\n${output}`);
  const records = output.split('\n').filter((line) => line.startsWith('{'));
  return records.map((line) => JSON.parse(line));
}

/** A compiler may be there without its runtime library. */
function hasLibFuzzer(compiler) {
  const program = 'extern "C" int LLVMFuzzerTestOneInput(const unsigned char*, unsigned long) { return 0; }';
  const args = ['-x', 'c++', '-fsanitize=fuzzer,address', '-o', join(folder, 'probe'), '-'];
  return spawnSync(compiler, args, { input: program, stdio: ['pipe', 'ignore', 'ignore'] }).status === 0;
}

/** Two at a time. @returns object files */
async function compileAll(compiler, sources) {
  const left = [...sources];
  const objectOf = (source) => join(folder, `${basename(source, '.cpp')}.o`);
  const lane = async () => {
    for (let source = left.shift(); source !== undefined; source = left.shift()) {
      const args = [
        ...COMPILE,
        `${CHECKS},fuzzer-no-link`,
        ...instructionFlags(source),
        '-c',
        source,
        '-o',
        objectOf(source),
      ];
      await run(compiler, args);
    }
  };
  await Promise.all([lane(), lane()]);
  return sources.map(objectOf);
}

async function fuzz(compiler, core, target) {
  const program = join(folder, `fuzz_${target}`);
  const source = join(root, 'native', 'fuzz', `${target}.cpp`);
  await run(compiler, [...COMPILE, `${CHECKS},fuzzer`, source, ...core, '-o', program]);
  const kept = join(folder, target);
  mkdirSync(kept, { recursive: true });
  const limit =
    values.seconds === undefined ? `-runs=${values.runs ?? DEFAULT_RUNS}` : `-max_total_time=${values.seconds}`;
  const args = [
    limit,
    `-seed=${values.seed}`,
    '-max_len=512',
    '-timeout=10',
    '-rss_limit_mb=2048',
    '-print_final_stats=1',
  ];
  const began = performance.now();
  const corpus = join(root, 'native', 'fuzz', 'corpus', target);
  const { code, output } = await collect(program, [...args, `-artifact_prefix=${kept}-`, kept, corpus]);
  const number = (name) => Number(new RegExp(`stat::${name}:\\s+(\\d+)`).exec(output)?.[1] ?? 0);
  if (code !== 0) process.stderr.write(output);
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  return { target, executions: number('number_of_executed_units'), seconds, findings: code === 0 ? 0 : 1 };
}

function tell(results) {
  const rated = results.map((result) => ({
    ...result,
    perSecond: Math.round(result.executions / Math.max(result.seconds, 0.1)),
  }));
  const sum = (name) => rated.reduce((total, result) => total + result[name], 0);
  const summary = { summary: true, executions: sum('executions'), findings: sum('findings') };
  if (values.json) for (const record of [...rated, summary]) console.log(JSON.stringify(record));
  else {
    for (const { target, executions, seconds, perSecond, findings, ended, found = [] } of rated) {
      const cut = ended === 'findings' ? ', then it was given up' : '';
      console.log(
        `${target.padEnd(16)} ${executions} executions in ${seconds} s (${perSecond}/s), ${findings} findings${cut}`,
      );
      for (const finding of found) console.log(`  ${finding}`);
    }
    console.log(`${summary.executions} executions, ${summary.findings} findings`);
  }
}

async function run(program, args) {
  const { code, output } = await collect(program, args);
  if (code !== 0) throw new Error(`${program} ended with ${code}\n${output}`);
}

/** libFuzzer prints a line for each input that it keeps: only the end is of interest. */
function collect(program, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (part) => {
        output = (output + part).slice(-20_000);
      });
    }
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: code ?? signal, output }));
  });
}
