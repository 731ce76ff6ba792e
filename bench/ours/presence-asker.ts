/** A process that asks for presence as prompt processing does: each message is a URL, each answer how long it took. */
process.on('message', async (url: string) => {
  const start = performance.now();
  const answer = await fetch(url);
  const { present } = (await answer.json()) as { present?: boolean };
  process.send?.({ url, ms: performance.now() - start, isPresent: present === true } satisfies Asked);
});

export interface Asked {
  readonly url: string;
  readonly ms: number;
  readonly isPresent: boolean;
}
