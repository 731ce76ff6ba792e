import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { HttpHeaderSource } from '../../src/header/http.js';
import { headerSourceConformance } from '../conformance/header-source.js';

const OBSID = 'CC_O_20241108_000266';
const YAML = `PRIMARY:\n- keyword: OBSID\n  value: ${OBSID}\n  comment: ''\n`;

async function serve(listener: RequestListener): Promise<{ server: Server; url: string }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

headerSourceConformance('the header service over HTTP', async () => {
  const files = new Map<string, string>();
  const { server, url } = await serve((request, response) => {
    const text = files.get(request.url ?? '');
    response.writeHead(text === undefined ? 404 : 200).end(text);
  });
  return {
    source: new HttpHeaderSource(url, { everyMs: 20 }),
    put: async (obsid, text) => void files.set(`/${obsid}.yaml`, text),
    close: () => stop(server),
  };
});

describe('the header service over HTTP', () => {
  const open: Server[] = [];
  afterEach(async () => {
    await Promise.all(open.splice(0).map(stop));
  });
  const start = async (listener: RequestListener): Promise<string> => {
    const { server, url } = await serve(listener);
    open.push(server);
    return url;
  };
  const fetch = (url: string, options = {}, ms = 5000) =>
    new HttpHeaderSource(url, { everyMs: 20, ...options }).fetch(OBSID, { signal: AbortSignal.timeout(ms) });
  const refused = (problem: RegExp) =>
    expect.objectContaining({ code: 'HEADER_INVALID', message: expect.stringMatching(problem) });

  it('is asked below the path of its address', async () => {
    const asked: string[] = [];
    const url = await start((request, response) => {
      asked.push(request.url ?? '');
      response.end(YAML);
    });
    await fetch(`${url}/headers`);
    expect(new Set(asked)).toEqual(new Set([`/headers/${OBSID}.yaml`]));
  });

  it('cannot send the archiver elsewhere', async () => {
    let elsewhere = 0;
    const other = await start((_, response) => {
      elsewhere++;
      response.end(YAML);
    });
    const url = await start(
      (_, response) => void response.writeHead(302, { location: `${other}/${OBSID}.yaml` }).end(),
    );
    await expect(fetch(url)).rejects.toThrow(refused(/status 302/));
    expect(elsewhere).toBe(0);
  });

  it('is cut off at the size limit, announced or not', async () => {
    const url = await start((_, response) => {
      response.write('x'.repeat(600));
      response.end('x'.repeat(600));
    });
    await expect(fetch(url, { maxBytes: 1000 })).rejects.toThrow(refused(/more than 1000 bytes/));
  });

  it('is asked again when it is away, answers 503, hangs or breaks off', async () => {
    let asked = 0;
    const url = await start((request, response) => {
      asked++;
      if (asked === 1) response.writeHead(503).end();
      else if (asked === 2) request.socket.destroy();
      else if (asked === 3) response.write('half');
      else response.end(YAML);
    });
    expect((await fetch(url, { requestMs: 300 })).obsid).toBe(OBSID);
    expect(asked).toBeGreaterThan(3);
  });

  it('that nobody runs means HEADER_MISSING, not a crash', async () => {
    const url = await start(() => undefined);
    await Promise.all(open.splice(0).map(stop));
    await expect(fetch(url, {}, 100)).rejects.toThrow(expect.objectContaining({ code: 'HEADER_MISSING' }));
  });

  it('that answers 403 is refused at once', async () => {
    const url = await start((_, response) => void response.writeHead(403).end());
    await expect(fetch(url)).rejects.toThrow(refused(/status 403/));
  });

  it.each(['file:///etc', 'ftp://x/', 'words', 'http://user:secret@x/', 'http://x/?a=b'])(
    'refuses the address %s',
    (url) => {
      const error = expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.not.stringContaining('secret') });
      expect(() => new HttpHeaderSource(url)).toThrow(error);
    },
  );
});
