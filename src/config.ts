import { resolve } from 'node:path';
import { z } from 'zod';
import { readTree } from './config/file.js';
import { fromEnvironment, merge, type Tree } from './config/tree.js';
import type { DaqAddress } from './daq/address.js';
import { ArchiverError } from './model/errors.js';

const product = z.enum(['raw', 'corrected']);
const seconds = z.number().positive().max(86400);
const folder = z.string().min(1);

const target = {
  enabled: z.boolean().default(true),
  /** link: a second name of the archive's inode; copy: distinct bytes. Copies are made too where a link cannot be. */
  mode: z.enum(['link', 'copy']).default('link'),
  /** Folder of the target; default <root>/<name>. */
  folder: folder.optional(),
};

/** Every setting with its default. Unknown names are refused. */
const schema = z.strictObject({
  /** Data root: archive/ corrected/ oods/ dbb/ bucket/ manifests/ quarantine/ .tmp/ ledger.sqlite lock. */
  root: folder.default('data'),
  /** comcam, lsstcam, latiss, or the path of a camera's JSON file. */
  camera: z.string().min(1).default('comcam'),
  /** DAQ as host:port or unix:/path. */
  daq: z.string().min(1).default('127.0.0.1:9640'),
  /** DAQ folder whose images are archived. */
  daqFolder: z
    .string()
    .regex(/^\w{1,63}$/)
    .default('raw'),
  /** Header packages: a folder, or http://host:port of the header service; empty for none. */
  header: z.string().default(''),
  products: z.array(product).min(1).default(['raw', 'corrected']),
  compression: z.enum(['rice', 'none']).default('rice'),
  /** REBs that an image must have: all of the camera, or those that the DAQ says took part. */
  expect: z.enum(['camera', 'image']).default('camera'),
  /** Worker threads of the assembler. */
  threads: z.number().int().min(1).max(64).default(2),
  /** Rows of a REB that are pulled and compressed at once. */
  bandRows: z.number().int().min(1).max(128).default(64),
  pool: z
    .strictObject({
      megabytes: z
        .number()
        .int()
        .min(64)
        .max(1 << 20)
        .default(1024),
      /** Seconds that whole pixels wait in the pool for their header; from then on they wait on disk. */
      spillAfter: z.number().min(0).max(86400).default(2),
    })
    .prefault({}),
  ledger: z
    .strictObject({
      /** Complete images that keep their metadata, so that a lost file can be made again from the DAQ. */
      metadataKept: z.number().int().min(0).max(100_000).default(500),
    })
    .prefault({}),
  disk: z
    .strictObject({
      /** Bytes that stay free below the data root, for images under way and the ledger: with less, no image is begun. */
      reserveMegabytes: z.number().min(0).max(1e9).default(500),
    })
    .prefault({}),
  /** Folder in which consumers say what they hold (docs/receipts.md); absolute, or below the root. */
  receipts: folder.default('receipts'),
  /** Everything that was acknowledged is read again in the background, and repaired from a copy. */
  scrub: z
    .strictObject({
      /** How fast, on average; 0 for not at all. */
      megabytesPerSecond: z.number().min(0).max(10_000).default(2),
    })
    .prefault({}),
  quarantine: z
    .strictObject({
      /** Bytes of sources that no file could be made of, as captures; beyond that only the ledger says so. */
      megabytes: z.number().min(0).max(1e9).default(4000),
    })
    .prefault({}),
  /** When an assembler process that is there and does nothing is killed and replaced. */
  watchdog: z
    .strictObject({
      /** Its main thread is never busy for longer than milliseconds; this leaves room for a crowded machine, and for another try within deadlines.source. */
      silentSeconds: z.number().min(2).max(3600).default(15),
      /** The same task of a thread; a band or a file takes milliseconds, a disk or a DAQ that stalls some seconds. */
      taskSeconds: z.number().min(2).max(3600).default(60),
    })
    .prefault({}),
  /** Images between their begin and their last file at the same time. */
  imagesInFlight: z.number().int().min(1).max(64).default(2),
  deadlines: z
    .strictObject({
      /** From the end of readout, in seconds. */
      source: seconds.default(60),
      header: seconds.default(35),
      image: seconds.default(120),
    })
    .prefault({}),
  /** Header packages that come after their image was archived without one; they make version 2 of its raw files. */
  lateHeaders: z
    .strictObject({
      /** Images that are looked after; 0 for none. */
      images: z.number().int().min(0).max(10_000).default(100),
      everySeconds: seconds.default(10),
    })
    .prefault({}),
  oods: z
    .strictObject({
      ...target,
      /** Files older than this are removed from the buffer, never from the archive; 0: none for its age. */
      keepDays: z.number().min(0).max(10_000).default(0),
      /** While less is free on the buffer's disk, its oldest copies are removed; 0: none for room. */
      minFreeMegabytes: z.number().min(0).max(1e9).default(0),
      /** Folder whose files, named by obsid or observing day, keep these in the buffer; absolute, or below the root. */
      pins: folder.default('pins'),
    })
    .prefault({}),
  dbb: z
    .strictObject({
      ...target,
      /** Hours after which a hand-off without a receipt is a problem that is told; 0: never. */
      receiptHours: z.number().min(0).max(10_000).default(0),
    })
    .prefault({}),
  prompt: z
    .strictObject({
      enabled: z.boolean().default(true),
      folder: folder.optional(),
      product: product.default('corrected'),
      /** Delivered files stay in the corrected/ spool for this many seconds. */
      spoolSeconds: z.number().min(0).default(3600),
      /** Objects as files below `folder`, or on an S3 server. */
      store: z.enum(['file', 's3']).default('file'),
      /** Of an S3 server other than AWS. */
      endpoint: z
        .string()
        .regex(/^https?:\/\/[^@\s]+$/, 'give http://host:port')
        .optional(),
      region: z.string().min(1).default('us-east-1'),
      accessKeyId: z.string().min(1).optional(),
      /** From a file that only its owner reads, or CCARCHIVER_PROMPT__SECRET_ACCESS_KEY; there is no flag for it. */
      secretAccessKey: z.string().min(1).optional(),
      /** A request to the S3 server without an answer by then counts as failed. */
      timeoutSeconds: z.number().min(0.1).max(600).default(10),
      /** Of the S3 server, and in notifications. */
      bucket: z
        .string()
        .regex(/^[\w.:@-]{1,63}$/)
        .default('bucket'),
    })
    .prefault({}),
  /** Who is told, in the shape of S3 event messages, of files at the prompt key. */
  notify: z
    .strictObject({
      webhook: z
        .strictObject({
          url: z
            .string()
            .regex(/^https?:\/\/[^@\s]+$/, 'give http://host/path; a token belongs in notify.webhook.token')
            .optional(),
          /** Bearer token, from a file that only its owner reads, or CCARCHIVER_NOTIFY__WEBHOOK__TOKEN; there is no flag for it. */
          token: z.string().min(1).optional(),
          timeoutSeconds: z.number().min(0.1).max(60).default(5),
        })
        .prefault({}),
      /** The stream <redis.prefix>-notifications of Redis. */
      stream: z.boolean().default(false),
    })
    .prefault({}),
  events: z
    .strictObject({
      /** Events within this process, or as a stream of Redis. */
      bus: z.enum(['local', 'redis']).default('local'),
      /** Events that are kept for listeners that come later. */
      keep: z.number().int().min(1).max(10_000_000).default(10_000),
    })
    .prefault({}),
  /** Where staging work waits: in the ledger's own database, or in Redis for several hosts. */
  queue: z.enum(['embedded', 'bullmq']).default('embedded'),
  redis: z
    .strictObject({
      url: z
        .string()
        .regex(
          /^(redis|rediss):\/\/[^@\s]+$|^unix:\//,
          'give redis://host:port or unix:/path; a password belongs in redis.password',
        )
        .default('redis://127.0.0.1:6379'),
      username: z.string().min(1).optional(),
      /** From a file that only its owner reads, or CCARCHIVER_REDIS__PASSWORD; there is no flag for it. */
      password: z.string().min(1).optional(),
      /** First part of every key, so that several archivers may share a server. */
      prefix: z
        .string()
        .regex(/^[\w-]{1,32}$/)
        .default('ccarchiver'),
    })
    .prefault({}),
  folderMode: z.number().int().min(0).max(0o777).default(0o755),
  /** Status over HTTP, of `run`. There are no commands and no passwords, so only this machine is served. */
  web: z
    .strictObject({
      enabled: z.boolean().default(true),
      host: z.enum(['127.0.0.1', '::1', 'localhost']).default('127.0.0.1'),
      /** 0: any that is free. */
      port: z.number().int().min(0).max(65535).default(9650),
    })
    .prefault({}),
  archiverName: z.string().min(1).max(64).default('CCArchiver'),
});

export type Config = z.infer<typeof schema>;
/** Settings as a file, a flag or a program gives them: everything may be left out. */
export type ConfigInput = z.input<typeof schema>;

/** What the assembler process needs to know; crosses to it as JSON. */
export interface AssemblerConfig {
  readonly daq: DaqAddress;
  readonly camera: string;
  readonly threads: number;
  readonly bandRows: number;
  readonly poolBytes: number;
}

export type WatchdogLimits = Config['watchdog'];

export interface ConfigSources {
  /** Settings from flags; they win. */
  readonly flags: ConfigInput;
  /** YAML or JSON file named by --config. */
  readonly file?: string | undefined;
}

/**
 * Flag > environment (CCARCHIVER_ROOT, CCARCHIVER_POOL__MEGABYTES ...) > file > default.
 * @throws ArchiverError CONFIG_INVALID, FILE_MISSING
 */
export function loadConfig(sources: ConfigSources, environment: NodeJS.ProcessEnv = process.env): Config {
  const file = sources.file === undefined ? {} : readConfigFile(sources.file);
  const merged = merge(merge(file, fromEnvironment(environment, Object.keys(schema.shape))), sources.flags as Tree);
  const result = schema.safeParse(merged);
  if (!result.success) throw invalid('given', result.error);
  return { ...result.data, root: resolve(result.data.root) };
}

/** @throws ArchiverError CONFIG_INVALID when prompt processing is to get a product that is not made, so that it would get nothing. */
export function checkPromptProduct({ products, prompt }: Config): void {
  if (!prompt.enabled || products.includes(prompt.product)) return;
  throw new ArchiverError('CONFIG_INVALID', {
    where: 'given',
    problem: `prompt.product is ${prompt.product}, which products (${products.join(', ')}) does not have`,
  });
}

function readConfigFile(path: string): Tree {
  const tree = readTree(path);
  const result = schema.partial().safeParse(tree);
  if (!result.success) throw invalid(path, result.error);
  return tree;
}

function invalid(where: string, error: z.ZodError): ArchiverError {
  const issue = error.issues[0];
  const name = issue?.path.join('.') ?? '';
  return new ArchiverError('CONFIG_INVALID', {
    where,
    problem: `${name}${name === '' ? '' : ': '}${issue?.message ?? ''}`,
  });
}
