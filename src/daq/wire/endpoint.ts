import { ArchiverError } from '../../model/errors.js';

/** Where a DAQ listens: a TCP port, or a Unix socket. Fits node:net's connect and listen. */
export type Endpoint = { readonly host: string; readonly port: number } | { readonly path: string };

/** Parses `host:port`, `[ipv6]:port` or `unix:/path`. @throws CONFIG_INVALID */
export function parseEndpoint(text: string): Endpoint {
  if (text.startsWith('unix:') && text.length > 5) return { path: text.slice(5) };
  const match = /^(?:\[([0-9a-fA-F:]+)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65535) {
    throw new ArchiverError('CONFIG_INVALID', {
      where: 'DAQ address',
      problem: `"${text}" is neither host:port nor unix:/path`,
    });
  }
  return { host: match[1] ?? match[2] ?? '', port };
}

export function formatEndpoint(endpoint: Endpoint): string {
  if ('path' in endpoint) return `unix:${endpoint.path}`;
  return endpoint.host.includes(':') ? `[${endpoint.host}]:${endpoint.port}` : `${endpoint.host}:${endpoint.port}`;
}
