import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { distFile } from '../../src/model/package.js';
import { lockRoot } from '../../src/stage/root-lock.js';
import { tempDir } from '../support/temp.js';

const HOLDER = `
  const { lockRoot } = await import(process.argv[1]);
  await lockRoot(process.argv[2]);
  console.log('locked');
  setInterval(() => {}, 1000);
`;

/** Another process that holds a root; resolves when it does. */
async function holder(root: string) {
  const script = distFile('src/stage/root-lock.js');
  const child = spawn(process.execPath, ['--input-type=module', '-e', HOLDER, script, root], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

it('A data root that another process holds is refused with its process id', async () => {
  const root = tempDir();
  const child = await holder(root);
  try {
    await expect(lockRoot(root)).rejects.toMatchObject({ code: 'ROOT_LOCKED', details: { root, pid: child.pid } });
  } finally {
    child.kill('SIGKILL');
  }
});

it('A data root is free again when its holder was killed', async () => {
  const root = tempDir();
  const child = await holder(root);
  child.kill('SIGKILL');
  await once(child, 'exit');
  (await lockRoot(root)).release();
});

it('A data root can be held once within a process and again after its release', async () => {
  const root = join(tempDir(), 'new/root');
  const lock = await lockRoot(root);
  await expect(lockRoot(root)).rejects.toMatchObject({ code: 'ROOT_LOCKED', details: { pid: process.pid } });
  lock.release();
  (await lockRoot(root)).release();
});
