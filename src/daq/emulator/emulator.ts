import { createServer, type Server, type Socket } from 'node:net';
import { frameSeconds, rebByLocation, rebSensorType } from '../../camera/geometry.js';
import type { Camera } from '../../camera/types.js';
import { systemClock, type Timer } from '../../model/clock.js';
import { ArchiverError } from '../../model/errors.js';
import { CaptureFolder } from '../capture/folder.js';
import { type Endpoint, formatEndpoint } from '../wire/endpoint.js';
import { Catalogue } from './catalogue.js';
import { expose } from './exposure.js';
import { FaultScript } from './faults.js';
import type { Pace } from './landing.js';
import { type PlaylistOptions, playlist, playlistLength } from './playlist.js';
import { Session } from './session.js';
import { Store } from './store.js';

export interface EmulatorOptions {
  /** Folder of captured images (docs/capture-format.md). */
  readonly store: string;
  readonly camera: Camera;
  readonly endpoint: Endpoint;
  readonly pace: Pace;
  /** Stored images to take, in this order; default all, by name. */
  readonly images?: readonly string[];
  readonly repeat?: boolean;
  readonly count?: number;
  /** From the start of one exposure to that of the next, at least. */
  readonly intervalMs?: number;
  readonly exposureMs?: number;
  /** first-subscriber: the first exposure waits until somebody listens, so that nobody misses it. */
  readonly start?: 'first-subscriber' | 'at-once';
  readonly faults?: FaultScript;
  readonly clock?: Timer;
}

export interface Emulator {
  /** Where it listens, as NetworkDaqSource takes it; a port 0 has become a real one. */
  readonly address: string;
  /** Resolves when the playlist is over; rejects when a stored image turns out to be unreadable. */
  readonly finished: Promise<void>;
  /** Ends connections and exposures. */
  close(): Promise<void>;
}

/**
 * The server side of the DAQ protocol (docs/daq-protocol.md): takes the images of a store one after the other and keeps them readable.
 * @throws PORT_IN_USE, CAPTURE_INVALID and the other errors of captures, before it listens
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const store = new Store(new CaptureFolder(options.store, options.camera), options.faults ?? FaultScript.none);
  const images = await store.names(options.images);
  const catalogue = new Catalogue();
  const stop = new AbortController();
  let begin = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  if (options.start === 'at-once') begin();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    new Session(socket, { catalogue, onSubscribed: begin });
  });
  const address = await listen(server, options.endpoint);
  const finished = begun.then(() => takeImages({ ...options, images }, store, catalogue, stop.signal));
  finished.catch(() => undefined); // reported to whoever asks for it
  return {
    address,
    finished,
    close: async () => {
      stop.abort();
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function takeImages(
  options: EmulatorOptions & { readonly images: readonly string[] },
  store: Store,
  catalogue: Catalogue,
  signal: AbortSignal,
): Promise<void> {
  const { pace, camera, clock = systemClock, intervalMs = 0, exposureMs = 0, images, repeat = false, count } = options;
  const list: PlaylistOptions = { images, repeat, ...(count === undefined ? {} : { count }) };
  const landing = { pace, frameMs: (location: string) => frameMs(camera, location), clock, signal };
  for (const take of playlist(list)) {
    if (signal.aborted) return;
    const start = clock.monotonicMs();
    const image = await store.prepare(take, catalogue);
    const again = take.name === take.stored ? {} : { emulatedImage: take.stored };
    try {
      await expose({ image, exposureMs, index: take.index, count: playlistLength(list), ...again }, landing);
      const rest = start + intervalMs - clock.monotonicMs();
      if (rest > 0) await clock.delay(rest, signal);
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
  }
}

function frameMs(camera: Camera, location: string): number {
  return frameSeconds(rebSensorType(camera, rebByLocation(camera, location).reb)) * 1000;
}

function listen(server: Server, endpoint: Endpoint): Promise<string> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const address = formatEndpoint(endpoint);
      if (error.code === 'EADDRINUSE') reject(new ArchiverError('PORT_IN_USE', { address }));
      else reject(new ArchiverError('DAQ_UNREACHABLE', { address, reason: error.code ?? error.message }));
    });
    server.listen(endpoint, () => {
      const bound = server.address();
      const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
      resolve(formatEndpoint('path' in endpoint ? endpoint : { host: endpoint.host, port }));
    });
  });
}
