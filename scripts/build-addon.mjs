// Builds build/ccarchiver.node. The result is load-tested before it gets its name.
//   --sanitize=FILE   with AddressSanitizer and UndefinedBehaviorSanitizer, to FILE
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { compile, link, nativeSources, root, run } from './compile-native.mjs';
import { sanitizerEnvironment } from './sanitizers.mjs';

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

const sanitized = /^--sanitize=(.+)$/.exec(process.argv[2] ?? '')?.[1];
const variant = sanitized === undefined ? 'release' : 'sanitize';
const output = resolve(sanitized ?? join(root, 'build/ccarchiver.node'));

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
  mkdirSync(dirname(output), { recursive: true });
  const temporary = output.replace(/(\.node)?$/, `-${process.pid}.node`);
  try {
    await link(objects, temporary, { variant, flags: LINK });
    await loadTest(temporary);
    renameSync(temporary, output);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Loads the addon in a process of its own, where unresolved symbols or a crash in its start-up show. */
async function loadTest(addon) {
  const script = `if (typeof require(${JSON.stringify(addon)}).statistics().cpu !== 'string') process.exit(1);`;
  const env = { ...process.env, ...(variant === 'sanitize' ? sanitizerEnvironment() : {}) };
  await run(process.execPath, ['-e', script], { env });
}
