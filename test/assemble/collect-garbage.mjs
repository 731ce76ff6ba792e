// Preloaded into every thread of a process (node --expose-gc --import): all of them collect their garbage when the main thread asks for it.
import { BroadcastChannel, isMainThread } from 'node:worker_threads';

/** Twice: pages that the first time has emptied are given back by the second. */
function collect() {
  globalThis.gc();
  globalThis.gc();
}

const channel = new BroadcastChannel('collect garbage');
channel.unref();
if (!isMainThread) {
  channel.onmessage = ({ data }) => {
    if (data !== 'collect') return;
    collect();
    channel.postMessage('collected');
  };
}

/** Main thread: resolves when it and its `workers` have collected. */
export async function collectGarbage(workers) {
  collect();
  channel.ref();
  await new Promise((resolve) => {
    let left = workers;
    channel.onmessage = () => {
      left--;
      if (left === 0) resolve();
    };
    channel.postMessage('collect');
  });
  channel.unref();
}
