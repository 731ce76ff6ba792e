import { expect, it } from 'vitest';
import { TaskTimes } from '../../src/assemble/task-times.js';

it('counts a task from its turn, not from when it was given: a long queue is no hanging thread', async () => {
  let now = 0;
  const times = new TaskTimes(1, () => now);
  const ends: (() => void)[] = [];
  const task = () => times.timed(new Promise<void>((resolve) => ends.push(resolve)));
  const [first, second] = [task(), task()];
  now = 40;
  expect(times.oldestMs()).toBe(40);
  ends[0]?.();
  await first;
  now = 50;
  expect(times.oldestMs()).toBe(10);
  ends[1]?.();
  await second;
  expect(times.oldestMs()).toBe(0);
});
