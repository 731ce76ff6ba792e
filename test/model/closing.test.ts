import { expect, it } from 'vitest';
import { closeAll } from '../../src/model/closing.js';

it('What fails to close keeps nothing else open, and is told once all is closed', async () => {
  const closed: number[] = [];
  const close = (n: number, error?: Error) => async () => {
    closed.push(n);
    if (error !== undefined) throw error;
  };
  const all = closeAll([close(1), close(2, new Error('first')), close(3, new Error('second')), close(4)]);
  await expect(all).rejects.toThrow('first');
  expect(closed).toEqual([1, 2, 3, 4]);
});
