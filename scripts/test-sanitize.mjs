// `npm run test:sanitize`: the C++ tests, and the TypeScript tests that run the addon, with AddressSanitizer and UndefinedBehaviorSanitizer.
//   node scripts/test-sanitize.mjs [vitest filter...]      with filters only those TypeScript tests
// The TypeScript tests run in a copy of this package, build/sanitize, that differs in its addon only. So every thread and every child process loads
// the instrumented one, by the same loader, and the product has no switch for it.
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { root } from './compile-native.mjs';
import { sanitizerEnvironment } from './sanitizers.mjs';

const copy = join(root, 'build/sanitize');
const reports = join(copy, 'reports');
/** node_modules is found above the copy. */
const COPIED = [
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
  'dist',
  'docs',
  'fixtures',
  'scripts',
  'src',
  'test',
  'workers',
];
const TESTS = ['native', 'fits', 'quicklook', 'assemble', 'pipeline', 'daq'].map((folder) => `test/${folder}/`);
/** The first starts many command lines, which spend their time on loading Node; the second measures memory, most of which would be the sanitizers'. */
const EXCLUDED = ['test/daq/cli.test.ts', 'test/assemble/resident-set.test.ts'];

const filters = process.argv.slice(2);
try {
  main();
} catch (error) {
  console.error(`test-sanitize: ${error.message}`);
  process.exitCode = 1;
}

function main() {
  runScript('scripts/install.mjs');
  if (filters.length === 0) runScript('scripts/test-native.mjs', '--sanitize');
  makeCopy();
  runScript('scripts/build-addon.mjs', `--sanitize=${join(copy, 'build/ccarchiver.node')}`);
  const status = runVitest();
  for (const name of readdirSync(reports)) console.error(readFileSync(join(reports, name), 'utf8'));
  if (status !== 0) throw new Error(`vitest ended with ${status}`);
  if (readdirSync(reports).length > 0) throw new Error('the sanitizers reported what is printed above');
  console.log('no sanitizer report');
}

function makeCopy() {
  rmSync(copy, { recursive: true, force: true });
  for (const name of COPIED) cpSync(join(root, name), join(copy, name), { recursive: true });
  mkdirSync(reports);
  mkdirSync(join(copy, 'build'));
  const oracles = join(root, 'build/oracles');
  if (existsSync(oracles)) symlinkSync(oracles, join(copy, 'build/oracles'));
}

/** @returns exit code or signal */
function runVitest() {
  const realData = resolve(root, process.env.CCARCHIVER_REAL_DATA ?? '../shared/real');
  const exclude = EXCLUDED.flatMap((file) => ['--exclude', file]);
  const args = ['run', ...(filters.length > 0 ? filters : TESTS), ...exclude];
  return node(join(root, 'node_modules/vitest/vitest.mjs'), args, {
    cwd: copy,
    env: { ...process.env, CCARCHIVER_REAL_DATA: realData, ...sanitizerEnvironment(reports) },
  });
}

function runScript(script, ...args) {
  const status = node(join(root, script), args, { cwd: root });
  if (status !== 0) throw new Error(`${script} ended with ${status}`);
}

function node(script, args, options) {
  const { status, signal, error } = spawnSync(process.execPath, [script, ...args], { stdio: 'inherit', ...options });
  if (error) throw error;
  return status ?? signal;
}
