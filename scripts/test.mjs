// `npm test`: everything that must hold, in the order that finds a fault soonest. Stops at the first step that fails.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const temporary = mkdtempSync(join(tmpdir(), 'ccarchiver-npm-test-'));
const resultFile = join(temporary, 'vitest.json');

/** Each step is a Node script of the package with its arguments; a `live` one prints as it goes, of a `counts` one the last line is shown. */
const STEPS = [
  { name: 'build', args: ['scripts/install.mjs'] },
  { name: 'type check', args: ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.test.json'] },
  { name: 'lint', args: ['node_modules/@biomejs/biome/bin/biome', 'check', '.'] },
  { name: 'import rules', args: ['scripts/check-imports.mjs'], counts: true },
  { name: 'C++ tests', args: ['scripts/test-native.mjs'], counts: true },
  {
    name: 'vitest',
    args: [
      'node_modules/vitest/vitest.mjs',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile=${resultFile}`,
    ],
    live: true,
  },
];

const start = performance.now();
let failed;
for (const step of STEPS) {
  failed = await fails(step);
  if (failed) break;
}
if (existsSync(resultFile)) summarize(JSON.parse(readFileSync(resultFile, 'utf8')));
rmSync(temporary, { recursive: true, force: true });
console.log(
  failed ? `stopped after ${seconds(start)} s: ${failed}` : `all ${STEPS.length} steps passed in ${seconds(start)} s`,
);
process.exit(failed ? 1 : 0);

/** @returns what went wrong, or undefined when the step passed */
async function fails({ name, args, live, counts }) {
  const began = performance.now();
  const { code, output } = await run(args, live);
  const found = counts ? `  ${output.trimEnd().split('\n').at(-1)}` : '';
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'}  ${name.padEnd(12)} ${seconds(began)} s${code === 0 ? found : ''}`);
  if (code === 0) return undefined;
  process.stdout.write(output);
  return `${name} failed (${code})`;
}

/** Exit code or signal name of a Node script, and what it printed unless it printed live. */
function run(args, live) {
  const child = spawn(process.execPath, args, { cwd: root, stdio: live ? 'inherit' : ['ignore', 'pipe', 'pipe'] });
  const parts = [];
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (part) => parts.push(part));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code: code ?? signal, output: Buffer.concat(parts).toString() }));
  });
}

/** The plain totals, and what was skipped, grouped by the reason that its title gives (test/support/not-run.ts). */
function summarize({ testResults }) {
  const tests = testResults.flatMap((file) => file.assertionResults);
  const count = (list, status) => list.filter((test) => test.status === status).length;
  const skipped = tests.filter(({ status }) => status === 'skipped' || status === 'todo');
  const passed = count(tests, 'passed');
  // A crash leaves its test pending; a file that cannot be loaded, or whose hook fails, has no failed test; nor has an error between tests.
  const files = testResults.filter((file) => file.status === 'failed' && count(file.assertionResults, 'failed') === 0);
  const failures = tests.length - passed - skipped.length + files.length;
  console.log(`\n${passed} passed, ${failed ? Math.max(1, failures) : 0} failed, ${skipped.length} skipped`);

  const groups = new Map();
  for (const { fullName } of skipped) {
    const [note, reason] = / \(not run: (.*?)\)/.exec(fullName) ?? ['', 'no reason given'];
    groups.set(reason, [...(groups.get(reason) ?? []), fullName.replace(note, '')]);
  }
  for (const [reason, names] of groups) console.log([`not run: ${reason}`, ...names].join('\n  '));
}

function seconds(from) {
  return ((performance.now() - from) / 1000).toFixed(1);
}
