import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../src/model/package.js';
import { tempDir } from '../support/temp.js';

type Tree = Readonly<Record<string, string>>;

/** A small tree that keeps every rule; each case below breaks one of them. */
const GOOD: Tree = {
  'src/model/errors.ts': "import { sep } from 'node:path';\nexport const separator = sep;\n",
  'src/model/ids.ts': "import { separator } from './errors.js';\nexport const id = separator;\n",
  'src/native/contract.ts': 'export interface NativeCore {}\n',
  'src/native/binding.ts':
    "import { createRequire } from 'node:module';\nexport const load = createRequire(import.meta.url);\n",
  'src/config.ts': 'export const root = process.env.CCARCHIVER_ROOT;\n',
  'src/daq/port.ts': "import type { id } from '../model/ids.js';\nexport type DaqSource = typeof id;\n",
  'src/daq/address.ts': 'export const port = 1;\n',
  'src/daq/network.ts': "import { frame } from './network/frame.js';\nexport const network = frame;\n",
  'src/daq/network/frame.ts': "import { port } from '../address.js';\nexport const frame = port;\n",
  'src/daq/memory.ts': "import type { DaqSource } from './port.js';\nexport const memory: DaqSource = '';\n",
  'src/assemble/pool.ts': "import { Piscina } from 'piscina';\nexport const pool = Piscina;\n",
  'src/compose.ts': "export const open = () => import('./daq/memory.js');\n",
  'src/cli/main.ts':
    "import { Command } from 'commander';\nimport { open } from '../compose.js';\nopen(new Command());\n",
  'workers/band.ts': "import { load } from '../src/native/binding.js';\nload('x');\n",
  'fixtures/make.ts': "import { id } from '../src/model/ids.js';\nexport const made = id;\n",
};

const CASES: readonly (readonly [promise: string, tree: Tree, line: RegExp])[] = [
  [
    'model imports nothing',
    { 'src/model/x.ts': "import '../config.js';\n" },
    /src\/model\/x.ts:1 model must not import/,
  ],
  ['a file outside every zone', { 'src/misc/x.ts': '' }, /src\/misc\/x.ts:1 is in no zone/],
  [
    'an adapter imports another',
    { 'src/daq/capture.ts': "import './port.js';\nimport './memory.js';\n" },
    /src\/daq\/capture.ts:2 .*an adapter never imports another/,
  ],
  [
    'an adapter named outside compose',
    { 'src/cli/x.ts': "import '../daq/memory.js';\n" },
    /only compose names adapters/,
  ],
  [
    'an adapter loaded at once',
    { 'src/compose.ts': "import './daq/memory.js';\n" },
    /compose loads adapters by import/,
  ],
  [
    'a value where only types may go',
    { 'src/camera/x.ts': "import '../native/contract.js';\n" },
    /only types of native/,
  ],
  [
    'a type from a zone out of reach',
    { 'src/fits/x.ts': "type A = import('../config.js').A;\n" },
    /config is not among/,
  ],
  [
    'a re-export counts',
    { 'src/camera/x.ts': "\nexport * from '../config.js';\n" },
    /src\/camera\/x.ts:2 camera must not/,
  ],
  ['src imports fixtures', { 'src/cli/x.ts': "import '../../fixtures/make.js';\n" }, /nobody imports fixtures/],
  [
    'workers import tests',
    { 'workers/x.ts': "import '../test/a.js';\n", 'test/a.ts': '' },
    /test\/a.ts: it is in no zone/,
  ],
  ['an unknown package', { 'src/model/x.ts': "import 'left-pad';\n" }, /package left-pad is not listed/],
  ['a package in the wrong zone', { 'src/model/x.ts': "import 'zod';\n" }, /zod is for .* only, not for model/],
  ['a computed import', { 'src/model/x.ts': 'export const f = (p: string) => import(p);\n' }, /needs a literal/],
  ['a missing file', { 'src/model/x.ts': "import './gone.js';\n" }, /\.\/gone\.js is no file of this package/],
  ['process.env', { 'src/model/x.ts': '\nexport const a = process.env.HOME;\n' }, /x.ts:2 only src\/config.ts reads/],
  ["process['env']", { 'src/model/x.ts': "export const a = process['env'];\n" }, /only src\/config.ts reads/],
  ['env taken out of process', { 'src/model/x.ts': 'export const { env } = process;\n' }, /only src\/config.ts reads/],
  [
    'env of node:process',
    { 'src/model/x.ts': "import { env } from 'node:process';\nenv;\n" },
    /only src\/config.ts reads/,
  ],
  ['another loader', { 'src/model/x.ts': "import { createRequire } from 'node:module';\n" }, /loads a .node file/],
  [
    'a circle',
    { 'src/model/a.ts': "import type { B } from './b.js';\n", 'src/model/b.ts': "import './a.js';\n" },
    /circular import src\/model\/a.ts > src\/model\/b.ts > src\/model\/a.ts/,
  ],
  ['a worker with policy', { 'workers/x.ts': 'export {};\n'.repeat(41) }, /workers files have at most 40 lines/],
];

const script = join(packageRoot(), 'scripts/check-imports.mjs');
const { checkImports } = (await import(script)) as { checkImports: (root: string) => { broken: string[] } };

describe('the import rules', () => {
  it('accept a tree that keeps them', () => {
    expect(checkImports(grow(GOOD)).broken).toEqual([]);
  });

  it.each(CASES)('refuse: %s', (_, tree, line) => {
    expect(checkImports(grow({ ...GOOD, ...tree })).broken).toEqual([expect.stringMatching(line)]);
  });

  it('end the check command with 1 and the line when one is broken, else with 0', () => {
    const run = (tree: Tree) => spawnSync(process.execPath, [script, grow(tree)], { encoding: 'utf8' });
    expect(run(GOOD)).toMatchObject({ status: 0, stderr: '' });
    const broken = { ...GOOD, 'src/model/x.ts': "import 'zod';\n" };
    expect(run(broken)).toMatchObject({ status: 1, stderr: expect.stringContaining('src/model/x.ts:1 zod is for') });
  });
});

function grow(tree: Tree): string {
  const root = tempDir();
  for (const [file, text] of Object.entries(tree)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return root;
}
