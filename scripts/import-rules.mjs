// Who may import whom, as data. scripts/check-imports.mjs applies it, ARCHITECTURE.md explains it.

/**
 * Folders of src with one port and several adapters, each of which becomes three zones: `<folder> port` (port.ts), `<folder>` (the shared
 * files, which also other zones may use) and `<folder> adapter` (all else; the first word of the name below the folder tells which adapter).
 * types: zones of which its adapters and shared files may import types; imports: further zones that they may import.
 */
export const PORT_FOLDERS = {
  daq: {
    shared: ['src/daq/address.ts', 'src/daq/notices.ts', 'src/daq/range.ts', 'src/daq/wire/**', 'src/daq/capture/**'],
    types: ['native contract'],
  },
  header: {
    shared: ['src/header/merge.ts', 'src/header/parse.ts', 'src/header/parser.ts', 'src/header/poll.ts'],
    types: [],
  },
  stage: {
    shared: [
      'src/stage/back-off.ts',
      'src/stage/ledger/**',
      'src/stage/root-disk.ts',
      'src/stage/root-lock.ts',
      'src/stage/seal.ts',
      'src/stage/sqlite.ts',
      'src/stage/stager.ts',
    ],
    types: [],
    imports: ['redis'],
  },
  handoff: {
    shared: [
      'src/model/write-failure.ts',
      'src/handoff/folders.ts',
      'src/handoff/publisher.ts',
      'src/handoff/directory.ts',
      'src/handoff/deliverer.ts',
      'src/handoff/spool.ts',
      'src/handoff/remove.ts',
      'src/handoff/digester.ts',
      'src/handoff/handed-off.ts',
      'src/handoff/retention.ts',
      'src/handoff/receipted.ts',
      'src/handoff/notification.ts',
    ],
    types: [],
    imports: ['redis'],
  },
  events: {
    shared: ['src/events/outbox.ts', 'src/events/told.ts', 'src/events/feed.ts'],
    types: [],
    imports: ['redis'],
  },
};

const PORTS = Object.keys(PORT_FOLDERS).map((name) => `${name} port`);

/**
 * A zone is a set of files (`dir/**`: every file below dir); the first zone that matches a file is its zone, and its files may import each
 * other. imports: further zones that it may import ('all': all but adapters); types: further zones of which it may import types only; closed: no other zone
 * may import it.
 */
export const ZONES = [
  { name: 'model', files: ['src/model/**'], imports: [], types: [] },
  {
    name: 'native contract',
    files: ['src/native/contract.ts', 'src/native/layout.ts', 'src/native/tools.ts'],
    imports: ['model'],
    types: [],
  },
  { name: 'native', files: ['src/native/**'], imports: ['model', 'native contract'], types: [] },
  { name: 'redis', files: ['src/redis/**'], imports: ['model'], types: [] },
  { name: 'camera', files: ['src/camera/**'], imports: ['model'], types: ['native contract'] },
  { name: 'fits', files: ['src/fits/**'], imports: ['model', 'camera'], types: ['native contract'] },
  { name: 'config', files: ['src/config.ts', 'src/config/**'], imports: ['model'], types: ['daq'] },
  {
    name: 'assemble',
    files: ['src/assemble/**'],
    imports: ['model', 'camera', 'fits', 'native', 'daq port', 'daq'],
    types: ['native contract', 'config', 'stage port'],
  },
  {
    name: 'pipeline',
    files: ['src/pipeline/**'],
    imports: ['model', 'camera', 'daq', 'header', ...PORTS],
    types: ['assemble', 'config', 'events', 'fits'],
  },
  {
    name: 'emulator',
    files: ['src/daq/emulator/**'],
    imports: ['model', 'camera', 'native', 'daq', 'daq port'],
    types: ['native contract'],
  },
  {
    name: 'from FITS',
    files: ['src/daq/from-fits/**'],
    imports: ['model', 'camera', 'fits', 'native', 'daq', 'daq port'],
    types: ['native contract'],
  },
  {
    name: 'workers',
    files: ['workers/**'],
    imports: ['model', 'camera', 'native', 'assemble', 'emulator', 'handoff', 'header', 'stage', 'compose'],
    types: ['native contract', 'config', 'daq port', 'stage port'],
    closed: true,
  },
  { name: 'web', files: ['src/web/**'], imports: ['model'], types: ['pipeline', 'events', 'stage port'] },
  { name: 'telemetry', files: ['src/telemetry/**'], imports: ['model'], types: ['config', 'events port'] },
  { name: 'quicklook', files: ['src/quicklook/**'], imports: ['model', 'camera', 'fits'], types: ['native contract'] },
  {
    name: 'client',
    files: ['src/client/**'],
    imports: ['model', 'fits', 'native', 'quicklook'],
    types: ['events port', 'pipeline', 'stage port'],
  },
  { name: 'audit', files: ['src/audit/**'], imports: ['model', 'fits', 'handoff'], types: ['stage port'] },
  { name: 'compose', files: ['src/compose.ts', 'src/compose/**'], imports: 'all', types: [] },
  { name: 'cli', files: ['src/cli/**'], imports: 'all', types: [], closed: true },
  { name: 'fixtures', files: ['fixtures/**'], imports: 'all', types: [], closed: true },
];

/** The one zone that names adapters: at run time by `import()` only, so that what a process does not use is not loaded. */
export const COMPOSER = 'compose';
/** npm packages and the zones that may import them; any other package is refused everywhere. */
export const LIBRARIES = {
  '@photostructure/sqlite': ['stage'],
  'node:sqlite': ['stage'],
  '@aws-sdk/client-s3': ['handoff adapter'],
  '@aws-sdk/lib-storage': ['handoff adapter'],
  '@hono/node-server': ['web'],
  bullmq: ['stage adapter'],
  commander: ['cli'],
  hono: ['web'],
  ioredis: ['redis', 'events adapter'],
  piscina: ['assemble', 'handoff', 'header'],
  sharp: ['quicklook'],
  yaml: ['header', 'header adapter', 'config', 'fixtures'],
  zod: ['audit', 'config', 'camera', 'daq', 'emulator', 'web'],
};

/** The only reader of process.env, and the only file that may load something else than an ES module. */
export const ENVIRONMENT_READER = 'src/config.ts';
export const NATIVE_LOADER = 'src/native/binding.ts';
/** Thread and process entries hold no policy: lines that a file of this zone may have. */
export const MAX_LINES = { workers: 40 };
