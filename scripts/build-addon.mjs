// Builds build/ccarchiver.node (with --sanitize: build/ccarchiver-asan.node). The result is load-tested before it gets its name.
import { spawnSync } from 'node:child_process';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { compile, link, nativeSources, root, run } from './compile-native.mjs';

// The process-wide tables must outlive the worker thread that loaded the addon, so the library is never unloaded (-z nodelete).
const LINK = ['-shared', '-Wl,-z,nodelete', '-Wl,-z,relro,-z,now'];
const INCLUDES = [
  '-isystem',
  join(root, 'node_modules/node-api-headers/include'),
  '-isystem',
  join(root, 'node_modules/node-addon-api'),
  '-DNAPI_VERSION=8',
  '-DNAPI_CPP_EXCEPTIONS',
  // A worker thread that is being terminated takes no exceptions; without this node-addon-api would abort the process then.
  '-DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
];

const variant = process.argv.includes('--sanitize') ? 'sanitize' : 'release';
const name = variant === 'sanitize' ? 'ccarchiver-asan' : 'ccarchiver';

try {
  await build();
} catch (error) {
  console.error(`build-addon: ${error.message}`);
  process.exitCode = 1;
}

async function build() {
  const objects = [
    ...(await compile(nativeSources('core', 'io'), { variant })),
    ...(await compile(nativeSources('binding'), { variant, flags: INCLUDES })),
  ];
  const temporary = join(root, 'build', `${name}-${process.pid}.node`);
  try {
    await link(objects, temporary, { variant, flags: LINK });
    await loadTest(temporary);
    renameSync(temporary, join(root, 'build', `${name}.node`));
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Loads the addon in a process of its own, where unresolved symbols or a crash in its start-up show. */
async function loadTest(addon) {
  const script = `if (typeof require(${JSON.stringify(addon)}).statistics().cpu !== 'string') process.exit(1);`;
  await run(process.execPath, ['-e', script], { env: { ...process.env, ...sanitizerEnvironment() } });
}

function sanitizerEnvironment() {
  if (variant !== 'sanitize') return {};
  const library = spawnSync('g++', ['-print-file-name=libasan.so'], { encoding: 'utf8' }).stdout.trim();
  return { LD_PRELOAD: library, ASAN_OPTIONS: 'detect_leaks=0' };
}
