import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // A crash in the addon then ends one child process and is reported as a failure; a thread would take vitest with it.
    pool: 'forks',
    maxWorkers: 2,
    globalSetup: ['test/support/global-setup.ts'],
    // Whole-image tests move tens of megabytes on two cores; a hang still ends.
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
