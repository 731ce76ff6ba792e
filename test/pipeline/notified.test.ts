import { describe, expect, it } from 'vitest';
import { FIRST_IMAGE, SMALL_CAMERA, testImage } from '../daq/images.js';
import { archive, codes } from '../support/archive.js';
import { notifiedEndpoint } from '../support/notified.js';
import { serveDaq } from '../support/serve.js';
import { tempDir } from '../support/temp.js';

const CCDS = 9;

describe('An image that is archived', () => {
  it('is notified CCD by CCD once it is at its prompt key, under the same ids when it is repeated', async () => {
    const endpoint = await notifiedEndpoint((call, response) => {
      if (call === 1) response.writeHead(500).end();
      return false;
    });
    const { rows, root } = await archive({
      address: await serveDaq([testImage(FIRST_IMAGE)]),
      camera: SMALL_CAMERA,
      settings: { notify: { webhook: { url: endpoint.url } }, prompt: { bucket: 'night' } },
      meanwhile: () =>
        expect.poll(() => new Set(endpoint.records.map(({ eventId }) => eventId)).size, { timeout: 20_000 }).toBe(CCDS),
    });
    expect(rows[0]?.state).toBe('complete');
    const keys = endpoint.records.map(({ s3 }) => s3.object.key);
    const forwarded = (rows[0]?.files ?? []).filter(({ file }) => file.product === 'corrected');
    const uris = forwarded.map(({ deliveries }) => deliveries.find(({ target }) => target === 'prompt')?.uri ?? '');
    expect([...new Set(keys)].map((key) => `file://${root}/bucket/${key}`).sort()).toEqual(uris.sort());
    expect(endpoint.records[0]?.s3.bucket.name).toBe('night');
    expect(endpoint.records.map(({ s3 }) => s3.object.size)).not.toContain(0);
  });

  it('is archived and delivered although the endpoint hangs; the next run tells what this one could not', async () => {
    const root = tempDir();
    const address = await serveDaq([testImage(FIRST_IMAGE)]);
    const hanging = await notifiedEndpoint(() => true);
    const webhook = (url: string) => ({ notify: { webhook: { url, timeoutSeconds: 0.5 } } });
    const first = await archive({ address, camera: SMALL_CAMERA, root, settings: webhook(hanging.url) });
    expect(first.rows[0]?.state).toBe('complete');
    const states = first.rows.flatMap(({ files }) =>
      files.flatMap(({ deliveries }) => deliveries.map(({ state }) => state)),
    );
    expect(new Set(states)).toEqual(new Set(['delivered']));
    expect(codes(first.problems)).toEqual(['NOTIFICATION_FAILED']);
    const endpoint = await notifiedEndpoint();
    await archive({
      address,
      camera: SMALL_CAMERA,
      root,
      settings: webhook(endpoint.url),
      meanwhile: async (archiver, stop) => {
        await expect.poll(() => endpoint.records.length, { timeout: 20_000 }).toBe(CCDS);
        await expect.poll(async () => (await archiver.status()).outbox).toEqual({ bus: 0, webhook: 0 });
        stop();
      },
    });
    expect(new Set(endpoint.records.map(({ eventId }) => eventId)).size).toBe(CCDS);
  });
});
