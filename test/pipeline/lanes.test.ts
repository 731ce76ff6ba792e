import { describe, expect, it } from 'vitest';
import { inLanes } from '../../src/pipeline/lanes.js';

describe('inLanes', () => {
  it('does every item in order, no more than so many at once', async () => {
    const begun: number[] = [];
    let [active, most] = [0, 0];
    await inLanes([1, 2, 3, 4, 5], 2, async (item) => {
      begun.push(item);
      most = Math.max(most, ++active);
      await new Promise(setImmediate);
      active--;
    });
    expect(begun).toEqual([1, 2, 3, 4, 5]);
    expect(most).toBe(2);
  });

  it('throws the first error only when nothing is under way any more, and the others were tried', async () => {
    const done: number[] = [];
    const work = inLanes([1, 2, 3], 2, async (item) => {
      if (item === 1) throw new Error('first');
      await new Promise(setImmediate);
      done.push(item);
    });
    await expect(work).rejects.toThrow('first');
    expect(done).toEqual([2, 3]);
  });
});
