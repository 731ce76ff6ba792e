import { type Acknowledgement, type LayerOptions, StorageLayer } from './layer.js';

export interface ToldFact extends Acknowledgement {
  /** process.hrtime.bigint() when it was acknowledged. */
  readonly at: string;
}

/**
 * Archives a store and tells its parent each fact when it is acknowledged, one JSON line each on stdout (a pipe, so that the line is out
 * before anything else is done), then `{"done":true}`.
 * Usage: node child.js '<ChildOptions as JSON>'
 */
export type ChildOptions = Omit<LayerOptions, 'acknowledged' | 'problem'> & { readonly imagesInFlight: number };

const { imagesInFlight, ...options } = JSON.parse(process.argv[2] ?? '') as ChildOptions;
const say = (fact: object) => process.stdout.write(`${JSON.stringify(fact)}\n`);
const layer = await StorageLayer.open({
  ...options,
  acknowledged: (fact) => say({ ...fact, at: `${process.hrtime.bigint()}` } satisfies ToldFact),
  problem: ({ code, message }) => say({ problem: code, message }),
});
await layer.archiveAll(imagesInFlight);
await layer.close();
say({ done: true });
