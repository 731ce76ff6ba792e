import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { limitedTo } from '../../src/model/signals.js';

/** Guards against a limit that was collected as garbage before it had passed: a request to a server that hangs then never ended. */
it('A limit ends what waits for it, also when memory was collected meanwhile', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const parent = new AbortController();
  const wait = () =>
    new Promise((resolve) => {
      const { signal } = limitedTo(200, parent.signal);
      signal.addEventListener('abort', () => resolve((signal.reason as Error).name), { once: true });
    });
  const ended = wait();
  await new Promise((resolve) => setTimeout(resolve, 50));
  collect();
  collect();
  expect(await ended).toBe('TimeoutError');
});

it('A limit that was released aborts no more, nor with its parent', async () => {
  const parent = new AbortController();
  const { signal, release } = limitedTo(20, parent.signal);
  release();
  parent.abort();
  await new Promise((resolve) => setTimeout(resolve, 40));
  expect(signal.aborted).toBe(false);
});
