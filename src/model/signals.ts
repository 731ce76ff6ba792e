import { setMaxListeners } from 'node:events';

export interface JoinedSignal {
  readonly signal: AbortSignal;
  /** Lets go of the signals that it was made of; then it aborts no more. */
  readonly release: () => void;
}

/**
 * A signal that aborts with the first of `signals`. Made for signals that live long: AbortSignal.any leaves something behind in each of them for every
 * call (Node 20: 54 bytes, for as long as they live), which a service that joins one for every image would never get back.
 */
export function joinSignals(...signals: readonly AbortSignal[]): JoinedSignal {
  const joined = new AbortController();
  const abort = (event: Event) => joined.abort((event.target as AbortSignal).reason);
  const release = () => {
    for (const signal of signals) signal.removeEventListener('abort', abort);
  };
  for (const signal of signals) {
    if (signal.aborted) joined.abort(signal.reason);
    setMaxListeners(0, signal); // as many as there are images under way, each of which takes its listener away
    signal.addEventListener('abort', abort, { once: true });
  }
  return { signal: joined.signal, release };
}

/**
 * A signal that aborts with the first of `signals`, or with a TimeoutError after so many milliseconds. Made because AbortSignal.any holds
 * AbortSignal.timeout weakly (Node 20): once that was collected as garbage the time never ends, and whoever waits waits for ever.
 */
export function limitedTo(ms: number, ...signals: readonly AbortSignal[]): JoinedSignal {
  const limit = new AbortController();
  const reason = new DOMException(`no answer in ${ms} ms`, 'TimeoutError');
  const timer = setTimeout(() => limit.abort(reason), ms);
  const { signal, release } = joinSignals(limit.signal, ...signals);
  const releaseAll = () => {
    clearTimeout(timer);
    release();
  };
  return { signal, release: releaseAll };
}
