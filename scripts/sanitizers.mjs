// What a process needs that loads the addon built with AddressSanitizer and UndefinedBehaviorSanitizer: Node itself is built without them.
import { spawnSync } from 'node:child_process';

/**
 * The environment of such a process; its children and threads inherit it. With `reports`, a folder, whatever a sanitizer finds in any of them is
 * written there as a file: a report in a child whose end nobody checks is not lost.
 */
export function sanitizerEnvironment(reports) {
  const path = reports === undefined ? [] : [`log_path=${reports}/report`];
  return {
    LD_PRELOAD: ['libasan.so', 'libubsan.so'].map(library).join(' '),
    // Node leaves memory to the end of its process, so leaks cannot be told apart here; the C++ tests look for them. A long quarantine would
    // be taken for the product's memory by the tests that measure it.
    ASAN_OPTIONS: ['detect_leaks=0', 'quarantine_size_mb=16', ...path].join(':'),
    UBSAN_OPTIONS: ['print_stacktrace=1', ...path].join(':'),
  };
}

function library(name) {
  const found = spawnSync('g++', [`-print-file-name=${name}`], { encoding: 'utf8' }).stdout?.trim() ?? '';
  // g++ repeats the bare name of a library that it has not got.
  if (!found.includes('/')) throw new Error(`${name} not found; install the Debian package g++`);
  return found;
}
