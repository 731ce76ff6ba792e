import { describe, expect, it } from 'vitest';
import { type NotificationSink, type ObjectCreated, objectCreated } from '../../src/handoff/notification.js';
import { forwarded } from '../handoff/forwarded.js';

export interface SinkSubject {
  readonly sink: NotificationSink;
  /** What the other end has taken, in its order. */
  taken(): Promise<readonly ObjectCreated[]>;
  /** The other end goes away. */
  goAway(): Promise<void>;
}

export const notifications = (count: number) =>
  Array.from({ length: count }, (_, n) => objectCreated(forwarded({ id: `event${n}` }), 'night'));

/** What every NotificationSink promises. `open` gives a new one; it ends with the test. */
export function notificationSinkConformance(name: string, open: () => Promise<SinkSubject>): void {
  describe(`${name} as a NotificationSink`, () => {
    it('takes all records in their order, however many they are', async () => {
      const { sink, taken } = await open();
      await sink.notify(notifications(250));
      expect(await taken()).toEqual(notifications(250));
    });

    it('sends nothing when there is nothing', async () => {
      const { sink, taken } = await open();
      await sink.notify([]);
      expect(await taken()).toEqual([]);
    });

    it('says with an error that is tried again that nobody takes them', async () => {
      const { sink, goAway } = await open();
      await goAway();
      await expect(sink.notify(notifications(1))).rejects.toMatchObject({ name: 'ArchiverError', retryable: true });
    });
  });
}
