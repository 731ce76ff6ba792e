import { systemClock, type Timer } from '../model/clock.js';
import { ArchiverError } from '../model/errors.js';
import type { HeaderPackage } from '../model/header-package.js';
import { parseObsId } from '../model/ids.js';
import { joinSignals, limitedTo } from '../model/signals.js';
import { MAX_PACKAGE_BYTES } from './parse.js';
import { PackageParser } from './parser.js';
import { type Look, pollPackage } from './poll.js';
import type { HeaderSource } from './port.js';

/** The header service's own web server, asked for <base>/<obsid>.yaml until it has the package. */
export class HttpHeaderSource implements HeaderSource {
  private readonly stop = new AbortController();
  private readonly parser = new PackageParser();
  private readonly base: URL;

  /**
   * @param base http://host:port, with a path where the service has one: the only place that is ever asked
   * @throws ArchiverError CONFIG_INVALID
   */
  constructor(
    base: string,
    private readonly options: {
      readonly timer?: Timer;
      readonly everyMs?: number;
      readonly requestMs?: number;
      readonly maxBytes?: number;
      /** The service has all packages that will ever be. Default: they still come. */
      readonly isComplete?: boolean;
    } = {},
  ) {
    this.base = baseUrl(base);
  }

  async fetch(obsid: string, options: { readonly signal: AbortSignal }): Promise<HeaderPackage> {
    const name = parseObsId(obsid).text;
    const url = new URL(`${name}.yaml`, this.base);
    const { signal, release } = joinSignals(options.signal, this.stop.signal);
    return pollPackage({
      obsid: name,
      signal,
      timer: this.options.timer ?? systemClock,
      parser: this.parser,
      everyMs: this.options.everyMs ?? 200,
      isComplete: this.options.isComplete ?? false,
      look: (signal) => this.look(url, signal),
    }).finally(release);
  }

  async close(): Promise<void> {
    this.stop.abort();
    await this.parser.close();
  }

  /** Not there, not reachable and not answered in time are all the same: ask again. A redirect is followed nowhere. */
  private async look(url: URL, signal: AbortSignal): Promise<Look | null> {
    const limit = limitedTo(this.options.requestMs ?? 5000, signal);
    try {
      const response = await fetch(url, { signal: limit.signal, redirect: 'manual' });
      if (response.status === 200) return { text: await this.body(response, url), where: url.href, settled: false };
      await response.body?.cancel();
      if (response.status === 404 || response.status >= 500) return null;
      throw refuse(url, `the service answered with status ${response.status}`);
    } catch (error) {
      if (error instanceof ArchiverError) throw error;
      return null;
    } finally {
      limit.release();
    }
  }

  private async body(response: Response, url: URL): Promise<string> {
    const most = this.options.maxBytes ?? MAX_PACKAGE_BYTES;
    const chunks: Uint8Array[] = [];
    let length = 0;
    for await (const chunk of response.body ?? []) {
      length += chunk.length;
      // Leaving the loop cancels the rest of the answer.
      if (length > most) throw refuse(url, `it has more than ${most} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  }
}

function baseUrl(text: string): URL {
  const base = URL.canParse(text) ? new URL(text) : null;
  if (base === null || !/^https?:$/.test(base.protocol) || base.username !== '' || base.search !== '') {
    throw new ArchiverError('CONFIG_INVALID', {
      where: 'header',
      problem: `"${text.replace(/\/\/[^/@]*@/, '//***@')}" is no http://host:port of a header service`,
    });
  }
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return base;
}

function refuse(url: URL, problem: string): ArchiverError {
  return new ArchiverError('HEADER_INVALID', { where: url.href, problem });
}
