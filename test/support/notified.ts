import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { ObjectCreated } from '../../src/handoff/notification.js';

export interface NotifiedEndpoint {
  readonly url: string;
  /** Records of all calls that were answered with 200, in their order. */
  readonly records: ObjectCreated[];
  /** Every request, also those that were refused. */
  readonly requests: IncomingMessage[];
}

/** A real HTTP endpoint that is notified; `answer` may refuse a call by ending its response, or never answer by returning true. */
export async function notifiedEndpoint(
  answer: (call: number, response: ServerResponse) => boolean = () => false,
): Promise<NotifiedEndpoint> {
  const [records, requests]: [ObjectCreated[], IncomingMessage[]] = [[], []];
  const server = createServer(async (request, response) => {
    const call = requests.push(request);
    let body = '';
    for await (const chunk of request) body += chunk;
    if (answer(call, response) || response.writableEnded) return;
    records.push(...(JSON.parse(body) as { Records: ObjectCreated[] }).Records);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/objects`, records, requests };
}
