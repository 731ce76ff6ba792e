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

it('forgets a task that ends before its turn: tasks of one thread end in any order, and none of them is taken for a hanging one later', async () => {
  let now = 0;
  const times = new TaskTimes(2, () => now);
  const ends: (() => void)[] = [];
  const tasks = Array.from({ length: 4 }, () => times.timed(new Promise<void>((resolve) => ends.push(resolve))));
  for (const index of [3, 2, 0, 1]) {
    now += 10;
    ends[index]?.();
    await tasks[index];
  }
  now += 1000;
  expect(times.oldestMs()).toBe(0);
});
