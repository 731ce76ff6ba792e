import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { digestBytes } from '../model/digest.js';
import { ArchiverError } from '../model/errors.js';
import type { FileId, Product } from '../model/ids.js';
import { readFailure } from '../model/read-failure.js';
import { temporaryBeside } from './directory.js';
import type { Delivery, StagedFile, StagingTarget } from './port.js';
import { PRIVATE_FOLDER, Publisher } from './publisher.js';

export interface PromptS3Options {
  readonly bucket: string;
  /** http(s)://host:port of a server other than AWS. */
  readonly endpoint?: string | undefined;
  readonly region: string;
  /** Without them those of the environment and of the machine, as the SDK finds them. */
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
  /** A request without an answer by then counts as failed. */
  readonly timeoutMs: number;
  readonly product: Product;
  /** Where files go whose key is taken by another object. */
  readonly quarantine: string;
}

/** Objects of at least this size go up in parts. */
const PART_BYTES = 16 * 1024 * 1024;
/** Parts under way at once. */
const PARTS = 2;

/** What a store says of an object without sending it. */
interface Stored {
  readonly bytes: number | undefined;
  readonly eTag: string | undefined;
}

/**
 * The prompt-processing bucket on an S3 server (AWS Signature 4). Create-only: by If-None-Match, and, because there are servers that do not know it,
 * by looking first; what stands there afterwards is proved to be ours, by its MD5 where the ETag is one, else by reading it back.
 */
export class PromptS3Target implements StagingTarget {
  readonly name = 'prompt';

  private readonly publisher: Publisher;

  private constructor(
    private readonly client: S3Client,
    private readonly sdk: Sdk,
    private readonly options: PromptS3Options,
  ) {
    this.publisher = new Publisher({ folderMode: PRIVATE_FOLDER, temporary: temporaryBeside(options.quarantine) });
  }

  /** The SDK is loaded here: nobody else has to wait for it. */
  static async open(options: PromptS3Options): Promise<PromptS3Target> {
    const sdk = await loadSdk();
    const { endpoint, region, accessKeyId, secretAccessKey, timeoutMs } = options;
    const hasKeys = accessKeyId !== undefined && secretAccessKey !== undefined;
    const client = new sdk.S3Client({
      region,
      ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
      ...(hasKeys ? { credentials: { accessKeyId, secretAccessKey } } : {}),
      maxAttempts: 1, // the error table decides
      requestChecksumCalculation: 'WHEN_REQUIRED', // servers other than AWS refuse what they do not know
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: { connectionTimeout: timeoutMs, requestTimeout: timeoutMs, throwOnRequestTimeout: true },
    });
    return new PromptS3Target(client, sdk, options);
  }

  accepts(file: FileId): boolean {
    return file.product === this.options.product && file.version === 1;
  }

  async deliver(file: StagedFile): Promise<Delivery> {
    const sidecar = await this.place(`${file.relative}.json`, file.sidecarPath, undefined);
    const isOurs = sidecar && (await this.place(`${file.relative}.fits`, file.path, file.seal.sha256));
    const uri = `s3://${this.options.bucket}/${file.relative}.fits`;
    if (isOurs) return { outcome: 'delivered', uri, copy: true };
    const aside = join(this.options.quarantine, this.name, file.relative);
    await this.publisher.setAside(file.sidecarPath, `${aside}.json`);
    return { outcome: 'conflict', uri, asidePath: await this.publisher.setAside(file.path, `${aside}.fits`) };
  }

  /** Whether an object of this size stands under the URI. @throws ArchiverError STORE_FAILED */
  async has(uri: string, bytes: number): Promise<boolean> {
    const prefix = `s3://${this.options.bucket}/`;
    return uri.startsWith(prefix) && (await this.look(uri.slice(prefix.length)))?.bytes === bytes;
  }

  async close(): Promise<void> {
    this.client.destroy();
  }

  /**
   * @returns whether our bytes stand under the key, also when they did before
   * @throws ArchiverError STORE_FAILED, DIGEST_MISMATCH (our own file is not what was sealed), FILE_MISSING, READ_FAILED
   */
  private async place(key: string, path: string, sha256: string | undefined): Promise<boolean> {
    const body = await readFile(path).catch((error) => {
      throw readFailure(error, path);
    });
    const ours = digestBytes(body, ['sha256', 'md5']);
    if (sha256 !== undefined && ours.sha256 !== sha256)
      throw new ArchiverError('DIGEST_MISMATCH', { path, actual: ours.sha256, expected: sha256 });
    const before = await this.look(key);
    if (before === undefined) await this.put(key, body);
    const stored = before ?? (await this.look(key));
    if (stored === undefined) throw this.failure(key, 'it is not there after it was put');
    if (stored.bytes !== body.length) return false;
    if (stored.eTag === ours.md5) return true;
    return await this.holds(key, ours.sha256);
  }

  private async look(key: string): Promise<Stored | undefined> {
    const command = new this.sdk.HeadObjectCommand({ Bucket: this.options.bucket, Key: key });
    try {
      const { ContentLength: bytes, ETag } = await this.client.send(command);
      return { bytes, eTag: ETag?.replaceAll('"', '') };
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw this.failure(key, reasonOf(error));
    }
  }

  /** Another object that got the key since it was looked for is left as it is. */
  private async put(key: string, body: Buffer): Promise<void> {
    const ContentType = key.endsWith('.json') ? 'application/json' : 'application/fits';
    const params = { Bucket: this.options.bucket, Key: key, Body: body, ContentType, IfNoneMatch: '*' };
    try {
      if (body.length < PART_BYTES) await this.client.send(new this.sdk.PutObjectCommand(params));
      else await new this.sdk.Upload({ client: this.client, params, partSize: PART_BYTES, queueSize: PARTS }).done();
    } catch (error) {
      if (statusOf(error) !== 412) throw this.failure(key, reasonOf(error));
    }
  }

  /** Reads an object back. */
  private async holds(key: string, sha256: string): Promise<boolean> {
    try {
      const { Body } = await this.client.send(new this.sdk.GetObjectCommand({ Bucket: this.options.bucket, Key: key }));
      return digestBytes((await Body?.transformToByteArray()) ?? new Uint8Array(), ['sha256']).sha256 === sha256;
    } catch (error) {
      throw this.failure(key, reasonOf(error));
    }
  }

  private failure(key: string, reason: string): ArchiverError {
    return new ArchiverError('STORE_FAILED', { path: basename(key), where: this.options.bucket, reason });
  }
}

type Sdk = typeof import('@aws-sdk/client-s3') & Pick<typeof import('@aws-sdk/lib-storage'), 'Upload'>;

async function loadSdk(): Promise<Sdk> {
  const [client, storage] = await Promise.all([import('@aws-sdk/client-s3'), import('@aws-sdk/lib-storage')]);
  return { ...client, Upload: storage.Upload };
}

const statusOf = (error: unknown) =>
  (error as { readonly $metadata?: { readonly httpStatusCode?: number } }).$metadata?.httpStatusCode;

/** Never what was sent: it may be signed. */
function reasonOf(error: unknown): string {
  const { name, code, message } = error as Error & { readonly code?: string };
  const status = statusOf(error);
  return [code ?? name, status === undefined ? message : `HTTP ${status}`].join(', ');
}
