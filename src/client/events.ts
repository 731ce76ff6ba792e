import type { ArchiverEvent } from '../events/port.js';

/** One message of a stream of server-sent events. */
export interface SentEvent {
  readonly type: string;
  /** undefined for a block that only says where to go on. */
  readonly data: string | undefined;
  /** undefined when it cannot be asked for again. */
  readonly id: string | undefined;
}

/**
 * Takes a stream of server-sent events apart (WHATWG HTML, 9.2.6); comments are left out.
 * @param onSign told of everything that comes, also of comments, which say that the other end is there
 */
export async function* sentEvents(bytes: AsyncIterable<Uint8Array>, onSign: () => void): AsyncGenerator<SentEvent> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of bytes) {
    onSign();
    text += decoder.decode(chunk, { stream: true });
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const sent = sentEvent(text.slice(0, end));
      text = text.slice(end + 2);
      if (sent !== undefined) yield sent;
    }
  }
}

function sentEvent(block: string): SentEvent | undefined {
  const fields = block.split('\n').flatMap((line) => {
    const [, name = '', value = ''] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    return name === '' ? [] : [{ name, value }];
  });
  const first = (field: string) => fields.find(({ name }) => name === field)?.value;
  const data = fields.filter(({ name }) => name === 'data').map(({ value }) => value);
  const id = first('id');
  if (data.length === 0 && id === undefined) return undefined;
  return { type: first('event') ?? 'message', data: data.length === 0 ? undefined : data.join('\n'), id };
}

/** What an archiver sends under the names of its events; undefined for what is none. */
export function archiverEvent({ type, data }: SentEvent): ArchiverEvent | undefined {
  return data === undefined || type === 'gap' ? undefined : (JSON.parse(data) as ArchiverEvent);
}
