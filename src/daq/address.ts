/** Where a DaqSource is, as data: it crosses processes and threads, each of which opens its own connection (compose.ts). */
export type DaqAddress =
  /** host:port, or unix:/path */
  | { readonly kind: 'network'; readonly address: string }
  /** A folder of captured images; cameraFile or name gives geometry where a capture has none. */
  | { readonly kind: 'capture'; readonly folder: string; readonly camera: string }
  /** Images in the memory of this process, shared with its threads by name (daq/memory-shared.ts). */
  | { readonly kind: 'memory'; readonly name: string };
