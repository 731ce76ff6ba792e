import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { PromptS3Target } from '../../src/handoff/prompt-s3.js';
import { FIRST_IMAGE, SMALL_CAMERA, testImage } from '../daq/images.js';
import { fileId } from '../stage/records.js';
import { archive, codes } from '../support/archive.js';
import { S3_KEYS, s3Server } from '../support/s3.js';
import { serveDaq } from '../support/serve.js';
import { tempDir } from '../support/temp.js';
import { stage } from './staged.js';

const LARGER_THAN_A_PART = 17 * 1024 * 1024 + 2880;

async function setUp(bytes?: number, bucket = 'night') {
  const [server, data] = [await s3Server(), tempDir()];
  const { endpoint } = server;
  const options = { endpoint, region: 'us-east-1', ...S3_KEYS, timeoutMs: 1000, product: 'corrected' as const };
  const target = await PromptS3Target.open({ ...options, bucket, quarantine: join(data, 'quarantine') });
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials: { ...S3_KEYS } });
  onTestFinished(async () => {
    await target.close();
    client.destroy();
  });
  const file = stage(data, fileId('S11', 'corrected'), bytes);
  const object = async (end: 'fits' | 'json') => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: 'night', Key: `${file.relative}.${end}` }));
    return Buffer.from((await Body?.transformToByteArray()) ?? []);
  };
  const put = (end: 'fits' | 'json', Body: Buffer | string) =>
    client.send(new PutObjectCommand({ Bucket: 'night', Key: `${file.relative}.${end}`, Body }));
  const uri = `s3://night/${file.relative}.fits`;
  return { server, target, file, object, put, uri };
}

describe('The prompt bucket on a real S3 server', () => {
  it.each([undefined, LARGER_THAN_A_PART])('gets sidecar, then file, byte for byte (%s bytes)', async (bytes) => {
    const { server, target, file, object, uri } = await setUp(bytes);
    expect(await target.deliver(file)).toEqual({ outcome: 'delivered', uri, copy: true });
    expect((await object('fits')).equals(readFileSync(file.path))).toBe(true);
    expect((await object('json')).equals(readFileSync(file.sidecarPath))).toBe(true);
    const puts = server.requests.filter((line) => line.startsWith('PUT'));
    expect(puts[0]).toContain('.json');
    expect(puts.slice(1).every((line) => line.includes('.fits'))).toBe(true);
    expect(puts).toHaveLength(bytes === undefined ? 2 : 3);
    expect([await target.has(uri, file.bytes), await target.has(uri, 1), await target.has(`${uri}x`, 1)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it('gets nothing twice', async () => {
    const { server, target, file } = await setUp(LARGER_THAN_A_PART);
    await target.deliver(file);
    server.requests.length = 0;
    expect(await target.deliver(file)).toMatchObject({ outcome: 'delivered' });
    expect(server.requests.filter((line) => !/^(HEAD|GET)/.test(line))).toEqual([]);
  });

  it.each(['fits', 'json'] as const)('keeps another object under our key (.%s), and ours is set aside', async (end) => {
    const { target, file, object, put } = await setUp();
    const theirs = Buffer.alloc(end === 'fits' ? file.bytes : readFileSync(file.sidecarPath).length, 'x');
    await put(end, theirs);
    const delivery = await target.deliver(file);
    if (delivery.outcome !== 'conflict') throw new Error('no conflict');
    expect((await object(end)).equals(theirs)).toBe(true);
    expect(readFileSync(delivery.asidePath).equals(readFileSync(file.path))).toBe(true);
    expect(existsSync(delivery.asidePath.replace('.fits', '.json'))).toBe(true);
  });

  it('is not given a file that has changed since it was sealed', async () => {
    const { server, target, file } = await setUp();
    chmodSync(file.path, 0o644);
    writeFileSync(file.path, Buffer.alloc(file.bytes));
    await expect(target.deliver(file)).rejects.toMatchObject({ code: 'DIGEST_MISMATCH' });
    expect(server.requests.filter((line) => line.startsWith('PUT') && line.includes('.fits'))).toEqual([]);
  });

  it('that has stored a file without being heard is found to have it', async () => {
    const { server, target, file, object } = await setUp();
    server.afterwards = () => true; // the answer never comes
    await expect(target.deliver(file)).rejects.toMatchObject({ code: 'STORE_FAILED' });
    server.afterwards = () => false;
    expect(await target.deliver(file)).toMatchObject({ outcome: 'delivered' });
    expect((await object('fits')).equals(readFileSync(file.path))).toBe(true);
  });

  it('whose ETag is no MD5 of ours is read back before it is believed', async () => {
    const { server, target, file } = await setUp();
    const plain = server.fault;
    server.fault = (incoming, response) => {
      if (incoming.method === 'HEAD') {
        const { writeHead } = response;
        response.writeHead = ((status: number, headers: object) =>
          writeHead.call(response, status, { ...headers, etag: '"something else"' })) as typeof writeHead;
      }
      return plain(incoming, response);
    };
    expect(await target.deliver(file)).toMatchObject({ outcome: 'delivered' });
    expect(server.requests.some((line) => line.startsWith('GET'))).toBe(true);
  });

  it.each([
    ['refuses', 503],
    ['denies access', 403],
  ])('that %s (%i) is STORE_FAILED, which is tried again, without the keys', async (_, status) => {
    const { server, target, file } = await setUp();
    server.fault = (_, response) => {
      response.writeHead(status).end();
      return true;
    };
    const failed = target.deliver(file);
    await expect(failed).rejects.toMatchObject({ code: 'STORE_FAILED', retryable: true });
    await expect(failed).rejects.toThrow(new RegExp(`bucket night .*HTTP ${status}`));
    await expect(failed).rejects.not.toThrow(/S3RVER/);
  });

  it('that hangs, or is not there, is STORE_FAILED', async () => {
    const { server, target, file } = await setUp();
    server.fault = () => true;
    await expect(target.deliver(file)).rejects.toMatchObject({ code: 'STORE_FAILED' });
    const missing = await setUp(undefined, 'no-such-bucket');
    await expect(missing.target.deliver(missing.file)).rejects.toThrow(/NoSuchBucket, HTTP 404/);
  });
});

it('An archiver puts the corrected files of an image into the bucket while it fails now and then; nobody else waits', async () => {
  const server = await s3Server();
  let failures = 3;
  server.fault = (_, response) => {
    if (failures-- <= 0) return false;
    response.writeHead(500).end();
    return true;
  };
  const prompt = { store: 's3' as const, bucket: 'night', endpoint: server.endpoint, ...S3_KEYS };
  const { rows, problems } = await archive({
    address: await serveDaq([testImage(FIRST_IMAGE)]),
    camera: SMALL_CAMERA,
    settings: { prompt },
  });
  const deliveries = (rows[0]?.files ?? []).flatMap((file) => file.deliveries);
  expect(new Set(deliveries.map(({ state }) => state))).toEqual(new Set(['delivered']));
  const uris = deliveries.flatMap(({ target, uri }) => (target === 'prompt' ? [uri] : []));
  expect(uris).toHaveLength(9);
  expect(uris[0]).toMatch(/^s3:\/\/night\/LSSTComCam\/20261121\//);
  expect(new Set(codes(problems))).toEqual(new Set(['STORE_FAILED']));
});
