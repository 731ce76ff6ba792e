import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { tempDir } from './temp.js';

interface S3Rver {
  run(): Promise<AddressInfo>;
  close(): Promise<void>;
}
const require = createRequire(import.meta.url);
const { default: Server } = { default: require('s3rver') as new (options: object) => S3Rver };

export const S3_KEYS = { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' };

/** What stands between client and server; true when it has dealt with the request itself. */
export type S3Fault = (request: IncomingMessage, response: ServerResponse) => boolean;

/** A real S3 server of another make, with a bucket `night`, behind a proxy in which a test may put a fault. */
export async function s3Server() {
  const options = { port: 0, address: '127.0.0.1', silent: true, directory: tempDir() };
  const server = new Server({ ...options, configureBuckets: [{ name: 'night' }] });
  const { port } = await server.run();
  const state: { fault: S3Fault; requests: string[]; afterwards: (response: ServerResponse) => boolean } = {
    fault: () => false,
    requests: [],
    afterwards: () => false,
  };
  const proxy = createServer((incoming, response) => {
    state.requests.push(`${incoming.method} ${incoming.url}`);
    if (state.fault(incoming, response)) return;
    const { method, url: path, headers } = incoming;
    const forward = request({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
      if (state.afterwards(response)) return void answer.resume();
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
    });
    incoming.pipe(forward);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    proxy.closeAllConnections();
    proxy.close();
    await server.close();
  });
  return Object.assign(state, { endpoint: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` });
}
