import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { joinSignals } from '../../src/model/signals.js';

describe('joined signals', () => {
  it.each([0, 1])('abort with signal %i, for its reason', (which) => {
    const sources = [new AbortController(), new AbortController()];
    const { signal } = joinSignals(...sources.map((source) => source.signal));
    expect(signal.aborted).toBe(false);
    sources[which]?.abort('enough');
    sources[1 - which]?.abort('too late');
    expect([signal.aborted, signal.reason]).toEqual([true, 'enough']);
  });

  it('are aborted from the start when one of them is', () => {
    const { signal } = joinSignals(new AbortController().signal, AbortSignal.abort('before'));
    expect([signal.aborted, signal.reason]).toEqual([true, 'before']);
  });

  it('leave nothing behind once released, and abort no more', () => {
    const source = new AbortController();
    const { signal, release } = joinSignals(source.signal, new AbortController().signal);
    expect(getEventListeners(source.signal, 'abort')).toHaveLength(1);
    release();
    expect(getEventListeners(source.signal, 'abort')).toHaveLength(0);
    source.abort();
    expect(signal.aborted).toBe(false);
  });
});
