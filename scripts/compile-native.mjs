// Compiles C++ sources to cached object files with plain g++: no make, no python, no node-gyp. Shared by the addon build and the native tests.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

// -Wno-restrict: g++ 12 warns falsely about a string literal + std::string (GCC bug 105651).
const WARNINGS = ['-Wall', '-Wextra', '-Werror', '-Wno-restrict'];
const COMMON = ['-std=c++20', '-fPIC', '-fvisibility=hidden', ...WARNINGS, '-ffp-contract=off', '-pthread'];
const SANITIZE = ['-fsanitize=address,undefined', '-fno-sanitize-recover=undefined', '-fno-omit-frame-pointer'];
const VARIANTS = {
  release: { compile: ['-O3'], link: [] },
  sanitize: { compile: ['-O1', '-g', ...SANITIZE], link: SANITIZE },
};

const AVX2 = '-mavx2 -mvpclmulqdq -mfma -mbmi2 -mlzcnt';
const AVX512 =
  '-mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512cd -mavx512vbmi -mavx512vbmi2 -mvpclmulqdq -mfma -mbmi2 -mlzcnt';
// A file that needs an instruction set says so in its name; all others run on any x86-64.
const BY_SUFFIX = [
  ['_avx2.cpp', AVX2.split(' ')],
  ['_avx512.cpp', AVX512.split(' ')],
  ['_fma.cpp', ['-mfma']],
];

/** Every .cpp of the folders below native/, in a stable order. */
export function nativeSources(...folders) {
  return folders.flatMap((folder) =>
    readdirSync(join(root, 'native', folder))
      .filter((name) => name.endsWith('.cpp'))
      .sort()
      .map((name) => join(root, 'native', folder, name)),
  );
}

/**
 * Compiles the sources, two at a time, and returns their object files in the same order.
 * An object is named by the hash of its source, all headers, the flags and the compiler, so nothing is compiled twice and nothing goes stale.
 */
export async function compile(sources, { variant = 'release', flags = [] } = {}) {
  const folder = join(root, 'build', 'objects', variant);
  mkdirSync(folder, { recursive: true });
  const seed = environmentHash();
  const jobs = sources.map((source) => {
    const args = [...COMMON, ...VARIANTS[variant].compile, ...instructionFlags(source), ...flags];
    const hash = createHash('sha256').update(seed).update(args.join(' ')).update(readFileSync(source)).digest('hex');
    return { source, args, object: join(folder, `${basename(source, '.cpp')}-${hash.slice(0, 20)}.o`) };
  });
  const missing = jobs.filter((job) => !existsSync(job.object));
  const worker = async () => {
    for (let job = missing.shift(); job !== undefined; job = missing.shift()) await compileOne(job);
  };
  await Promise.all([worker(), worker()]);
  return jobs.map((job) => job.object);
}

/** Links objects to `output`; it appears under that name only when the linker succeeded. */
export async function link(objects, output, { variant = 'release', flags = [] } = {}) {
  await run('g++', ['-pthread', ...VARIANTS[variant].link, ...flags, '-o', output, ...objects]);
}

/** Runs a program and rejects unless it exits with 0; its output goes to stderr. */
export function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 2, 2], ...options });
    child.on('error', (error) =>
      reject(error.code === 'ENOENT' ? new Error(`${program} not found; install the Debian package g++`) : error),
    );
    child.on('exit', (code, signal) =>
      code === 0 ? resolve() : reject(new Error(`${program} ended with ${signal ?? code}: ${args.at(-1)}`)),
    );
  });
}

async function compileOne({ source, args, object }) {
  const temporary = `${object}.${process.pid}`;
  try {
    await run('g++', [...args, '-o', temporary, '-c', source]);
    renameSync(temporary, object);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** What the compiler must be told of a source that needs an instruction set. */
export function instructionFlags(source) {
  return BY_SUFFIX.find(([suffix]) => source.endsWith(suffix))?.[1] ?? [];
}

function environmentHash() {
  const compiler = spawnSync('g++', ['--version'], { encoding: 'utf8' });
  if (compiler.status !== 0) throw new Error('g++ not found; install the Debian package g++');
  const hash = createHash('sha256').update(compiler.stdout);
  for (const folder of readdirSync(join(root, 'native'), { withFileTypes: true })) {
    if (!folder.isDirectory()) continue;
    const path = join(root, 'native', folder.name);
    const headers = readdirSync(path, { recursive: true })
      .filter((name) => name.endsWith('.h'))
      .sort();
    for (const header of headers) hash.update(header).update(readFileSync(join(path, header)));
  }
  return hash.digest('hex');
}
