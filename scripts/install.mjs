// Builds the addon and the TypeScript: `npm ci` and `npm run build` run this. A step whose sources are unchanged does nothing.
// Exit codes: 0 built or up to date, 1 a source does not build, 2 a tool is missing.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runLocked } from './lock.mjs';

const script = fileURLToPath(import.meta.url);
const root = dirname(dirname(script));
const hashFile = join(root, 'build/.sources-hash');
const tsc = join(root, 'node_modules/typescript/bin/tsc');

/** Each step: what it is made of, the file that proves it was made, and how it is made. */
const STEPS = [
  {
    name: 'addon',
    folders: ['native'],
    isSource: (file) => !/^native\/(test|fuzz)\//.test(file),
    files: ['scripts/build-addon.mjs', 'scripts/compile-native.mjs', 'package-lock.json'],
    output: 'build/ccarchiver.node',
    make: buildAddon,
  },
  {
    name: 'TypeScript',
    folders: ['src', 'workers', 'fixtures', 'bench', 'test/chaos', 'test/daq', 'test/fuzz', 'test/support'],
    isSource: (file) => file.endsWith('.ts'),
    files: ['tsconfig.json', 'scripts/install.mjs', 'package-lock.json'],
    output: 'dist/src/cli/main.js',
    make: compile,
  },
];

/** Anything that stops the build: one line for the user and the exit code. */
class BuildFailure extends Error {
  constructor(exit, message) {
    super(message);
    this.exit = exit;
  }
}

try {
  main();
} catch (error) {
  if (!(error instanceof BuildFailure)) throw error;
  note(error.message);
  process.exit(error.exit);
}

function main() {
  const stale = staleSteps();
  if (stale.length === 0) return;
  if (process.argv[2] !== '--locked') {
    const code = runLocked(join(root, 'build/.install-lock'), script, []);
    if (code === undefined) throw missingTool('flock', 'util-linux');
    process.exit(code);
  }
  for (const { step, hash } of stale) {
    const start = performance.now();
    step.make();
    if (!existsSync(join(root, step.output))) {
      throw new BuildFailure(1, `building ${step.name} did not make ${step.output}`);
    }
    chmodSync(join(root, step.output), 0o755);
    storeHash(step.name, hash);
    note(`${step.name} built in ${((performance.now() - start) / 1000).toFixed(1)} s`);
  }
}

/** Hashes are taken before a step runs, so a source that changes meanwhile makes the step stale again. */
function staleSteps() {
  const stored = storedHashes();
  return STEPS.map((step) => ({ step, hash: sourcesHash(step) })).filter(
    ({ step, hash }) => stored[step.name] !== hash || !existsSync(join(root, step.output)),
  );
}

function sourcesHash(step) {
  const found = step.folders.flatMap((folder) => filesBelow(folder)).filter(step.isSource);
  const hash = createHash('sha256');
  for (const file of [...found, ...step.files].sort()) {
    const path = join(root, file);
    hash
      .update(`${file}\0`)
      .update(existsSync(path) ? readFileSync(path) : '')
      .update('\0');
  }
  return hash.digest('hex');
}

/** Files below a folder of the package, relative to the package. */
function filesBelow(folder, base = root) {
  if (!existsSync(join(base, folder))) return [];
  return readdirSync(join(base, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(base.length + 1));
}

function storedHashes() {
  try {
    return JSON.parse(readFileSync(hashFile, 'utf8'));
  } catch {
    return {}; // none yet, or cut short: everything is built again
  }
}

function storeHash(name, hash) {
  const temporary = `${hashFile}.${process.pid}`;
  writeFileSync(temporary, `${JSON.stringify({ ...storedHashes(), [name]: hash }, null, 2)}\n`);
  renameSync(temporary, hashFile);
}

function buildAddon() {
  const compiler = spawnSync('g++', ['--version'], { stdio: 'ignore' });
  if (compiler.error?.code === 'ENOENT') throw missingTool('g++', 'g++');
  note('building the addon with g++');
  runNode(join(root, 'scripts/build-addon.mjs'), []);
}

/** Compiles beside dist and moves file by file, so a program that runs from dist meanwhile never misses a file. */
function compile() {
  if (!existsSync(tsc)) {
    throw new BuildFailure(2, 'typescript is needed to build and was not found; run `npm ci` without --omit=dev');
  }
  note('compiling TypeScript');
  const fresh = join(root, `build/dist.${process.pid}`);
  try {
    runNode(tsc, ['-p', 'tsconfig.json', '--outDir', fresh]);
    replaceTree(fresh, join(root, 'dist'));
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function replaceTree(fresh, target) {
  const made = filesBelow('', fresh);
  for (const file of made) {
    mkdirSync(dirname(join(target, file)), { recursive: true });
    renameSync(join(fresh, file), join(target, file));
  }
  const keep = new Set(made);
  for (const file of filesBelow('', target)) if (!keep.has(file)) rmSync(join(target, file));
}

/** Runs one Node script with its output on stderr; the child has said what is wrong when this throws. */
function runNode(file, args) {
  const child = spawnSync(process.execPath, [file, ...args], { cwd: root, stdio: ['ignore', 2, 2] });
  if (child.status === 0) return;
  const how = child.signal ? `signal ${child.signal}` : `exit code ${child.status}`;
  throw new BuildFailure(child.status === 2 && file !== tsc ? 2 : 1, `${relative(root, file)} ended with ${how}`);
}

/** The text of TOOL_MISSING in src/model/error-table.ts, which cannot be imported before it is compiled. */
function missingTool(tool, name) {
  return new BuildFailure(2, `TOOL_MISSING: ${tool} is needed for this and was not found; install the package ${name}`);
}

function note(text) {
  console.error(`ccarchiver: ${text}`);
}
