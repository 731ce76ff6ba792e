import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { ArchiverError } from '../../src/model/errors.js';
import { packageRoot } from '../../src/model/package.js';
import { tempDir } from '../support/temp.js';

/** The smallest package that install.mjs builds. Compiling the real addon takes half a minute, so here a line in a log stands for it. */
const PACKAGE: Readonly<Record<string, string>> = {
  'scripts/build-addon.mjs': `import { appendFileSync, writeFileSync } from 'node:fs';
appendFileSync('build/log', 'addon\\n');
writeFileSync('build/ccarchiver.node', '');
`,
  'native/core/a.cpp': '',
  'native/test/a.cpp': '',
  'src/cli/main.ts': 'console.log(1);\n',
  'src/gone.ts': 'export {};\n',
  'package.json': '{"type":"module"}',
  'package-lock.json': '{}',
};

let root: string;

beforeEach(() => {
  root = tempDir();
  for (const [file, text] of Object.entries(PACKAGE)) write(file, text);
  for (const file of ['scripts/install.mjs', 'scripts/lock.mjs', 'tsconfig.json']) {
    copyFileSync(join(packageRoot(), file), join(root, file));
  }
  symlinkSync(join(packageRoot(), 'node_modules'), join(root, 'node_modules'));
});

describe('the install script', () => {
  it('builds addon and TypeScript, then does nothing until a source changes', async () => {
    expect((await install()).exit).toBe(0);
    expect(existsSync(join(root, 'dist/src/cli/main.js'))).toBe(true);
    expect(addonBuilds()).toBe(1);
    expect(await install()).toEqual({ exit: 0, stderr: '' });

    write('native/test/a.cpp', '// tests are no part of the addon');
    expect(await install()).toEqual({ exit: 0, stderr: '' });
  });

  it('builds only what the change concerns, and removes what no source makes any more', async () => {
    await install();
    write('src/cli/main.ts', 'console.log(2);\n');
    writeFileSync(join(root, 'dist/src/old.js'), '');
    await install();
    expect(readFileSync(join(root, 'dist/src/cli/main.js'), 'utf8')).toContain('console.log(2)');
    expect(existsSync(join(root, 'dist/src/old.js'))).toBe(false);
    expect(addonBuilds()).toBe(1);

    write('native/core/a.cpp', '// changed');
    expect((await install()).stderr).not.toContain('TypeScript');
    expect(addonBuilds()).toBe(2);
  });

  it('builds once when two run at the same time', async () => {
    const results = await Promise.all([install(), install()]);
    expect(results.map(({ exit }) => exit)).toEqual([0, 0]);
    expect(addonBuilds()).toBe(1);
  });

  it('fails on a type error, keeps the last good build, and tries again next time', async () => {
    await install();
    write('src/cli/main.ts', "export const a: number = 'text';\n");
    for (const attempt of [1, 2]) {
      const { exit, stderr } = await install();
      expect(exit, `attempt ${attempt}`).toBe(1);
      expect(stderr).toContain('src/cli/main.ts(1,14)');
    }
    expect(readFileSync(join(root, 'dist/src/cli/main.js'), 'utf8')).toContain('console.log(1)');
  });

  it('builds again what was deleted, and after a build record that was cut short', async () => {
    await install();
    writeFileSync(join(root, 'build/.sources-hash'), '{"addon":');
    await install();
    expect(addonBuilds()).toBe(2);
  });

  it('says in one line which package is needed when g++ is missing', async () => {
    const path = join(root, 'bin');
    mkdirSync(path);
    symlinkSync(executable('flock'), join(path, 'flock'));
    const { message } = new ArchiverError('TOOL_MISSING', { tool: 'g++', package: 'g++' });
    expect(await install(path)).toEqual({ exit: 2, stderr: `ccarchiver: TOOL_MISSING: ${message}\n` });
  });
});

function write(file: string, text: string): void {
  mkdirSync(dirname(join(root, file)), { recursive: true });
  writeFileSync(join(root, file), text);
}

function addonBuilds(): number {
  return readFileSync(join(root, 'build/log'), 'utf8').split('\n').length - 1;
}

function executable(name: string): string {
  const found = (process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, name));
  return found.find((path) => existsSync(path)) ?? name;
}

function install(path = process.env.PATH): Promise<{ exit: number | null; stderr: string }> {
  const script = join(root, 'scripts/install.mjs');
  const child = spawn(process.execPath, [script], { env: { PATH: path }, stdio: ['ignore', 'inherit', 'pipe'] });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (exit) => resolve({ exit, stderr }));
  });
}
