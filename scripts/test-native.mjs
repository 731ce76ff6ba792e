// Builds and runs the C++ tests, one program per native/test/*.cpp, and prints how many test cases passed and failed.
//   node scripts/test-native.mjs [WORD...] [--sanitize] [--full] [--bench]
// WORD       only test files whose name contains it
// --sanitize with AddressSanitizer and UndefinedBehaviorSanitizer
// --full     the fuzz tests' long counts
// --bench    builds and runs native/test/bench_*.cpp instead
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { compile, link, nativeSources, root } from './compile-native.mjs';

const words = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
const flags = new Set(process.argv.slice(2).filter((argument) => argument.startsWith('--')));
const variant = flags.has('--sanitize') ? 'sanitize' : 'release';
const folder = join(root, 'build', flags.has('--sanitize') ? 'test-asan' : 'test');
const cfitsio = await hasCfitsio();

try {
  await main();
} catch (error) {
  console.error(`test-native: ${error.message}`);
  process.exitCode = 1;
}

async function main() {
  const programs = await build(chosenSources());
  if (flags.has('--bench')) {
    for (const program of programs) process.exitCode ||= (await runProgram(program)).code;
    return;
  }
  const counts = { passed: 0, failed: 0 };
  for (const program of programs) {
    const { passed, failed } = await runTest(program);
    counts.passed += passed;
    counts.failed += failed;
  }
  const notRun = cfitsio ? '' : ', not run: comparison with cfitsio (needs the Debian package libcfitsio-dev)';
  console.log(`${counts.passed} passed, ${counts.failed} failed${notRun}`);
  if (counts.failed > 0 || counts.passed === 0) process.exitCode = 1;
}

function chosenSources() {
  const sources = nativeSources('test').filter((source) => {
    const name = basename(source);
    const isWanted = words.length === 0 || words.some((word) => name.includes(word));
    return isWanted && name.startsWith('bench_') === flags.has('--bench') && name !== 'main.cpp';
  });
  if (sources.length === 0) throw new Error(`no file in native/test matches ${words.join(' ')}`);
  return sources;
}

/** Compiles all at once, then links one program per source. */
async function build(sources) {
  const product = nativeSources('core', 'io');
  const main = join(root, 'native/test/main.cpp');
  const objects = await compile([...product, main, ...sources], { variant });
  const shared = objects.slice(0, product.length + (flags.has('--bench') ? 0 : 1));
  const libraries = cfitsio ? ['-Wl,--no-as-needed', '-lcfitsio'] : [];
  mkdirSync(folder, { recursive: true });
  return Promise.all(
    sources.map(async (source, i) => {
      const program = join(folder, basename(source, '.cpp'));
      await link([...shared, objects[product.length + 1 + i]], program, { variant, flags: libraries });
      return program;
    }),
  );
}

/** Asks the preprocessor that the tests ask too, so that what is compiled is what is linked. */
async function hasCfitsio() {
  const child = spawn('g++', ['-E', '-x', 'c++', '-'], { stdio: ['pipe', 'ignore', 'ignore'] });
  child.stdin.end('#if !__has_include(<fitsio.h>)\n#error\n#endif\n');
  return (await ended(child)).code === 0;
}

/** A program that ends without doctest's summary (a crash, a sanitizer report) counts as one more failure. */
async function runTest(program) {
  console.log(`== ${basename(program)}`);
  const { code, output } = await runProgram(program);
  const summary = /test cases:\s*(\d+)\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed/.exec(output);
  const [passed, failed] = summary ? [Number(summary[2]), Number(summary[3])] : [0, 0];
  if (code !== 0 && failed === 0) {
    console.log(`${basename(program)} ended with ${code}`);
    return { passed, failed: 1 };
  }
  return { passed, failed };
}

async function runProgram(program) {
  const child = spawn(program, flags.has('--full') ? ['--full'] : [], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk) => {
    process.stdout.write(chunk);
    output += chunk;
  });
  return { ...(await ended(child)), output };
}

/** Waits for the child's end and for its output to be read. */
function ended(child) {
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: code ?? signal }));
  });
}
