import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rewriteFile } from '../../src/assemble/rewrite.js';
import { readPixels } from '../../src/fits/pixels.js';
import { readFits } from '../../src/fits/reader.js';
import type { FileSpec, HduSpec, OpenOptions, WrittenFile } from '../../src/native/contract.js';
import { fileSpec, makePixels, native, openWhole, pack, scienceLayout } from '../native/images.js';
import { tempDir } from '../support/temp.js';

const layout = scienceLayout();
const packed = pack(layout, makePixels(layout));

async function write(spec: FileSpec, options: OpenOptions): Promise<WrittenFile> {
  const handle = openWhole(options, packed);
  try {
    return await native.finish(handle, spec);
  } finally {
    native.drop(handle);
  }
}

/** The same HDUs, the primary one with another card. */
function withCard(hdus: readonly HduSpec[], card: string): HduSpec[] {
  const [primary, ...others] = hdus;
  const cards = new Uint8Array([...(primary?.cards ?? []), ...Buffer.from(card.padEnd(80))]);
  native.sealHeader(cards);
  return [{ kind: 'bare', cards }, ...others];
}

describe.each(['rice', 'none'] as const)('the pixels of a durable file (%s)', (compression) => {
  const options: OpenOptions = { layout, products: ['raw'], compression };

  test('under the headers that it has are the same bytes', async () => {
    const spec = fileSpec(options, tempDir());
    const { dataSums } = await write(spec, options);
    const again = await rewriteFile(native, { from: join(spec.root, spec.path), dataSums, file: spec });
    expect(again).toMatchObject({ outcome: 'same', dataSums });
  });

  test('under another header are the same pixels in a valid file of that header', async () => {
    const spec = fileSpec(options, tempDir());
    const { dataSums } = await write(spec, options);
    const hdus = withCard(spec.hdus, "LATE    = 'header  '");
    const revised = { ...spec, hdus, path: 'camera/day/revised.fits', sidecarPath: 'camera/day/revised.json' };
    const from = join(spec.root, spec.path);
    const written = await rewriteFile(native, { from, dataSums, file: revised });
    expect(written).toMatchObject({ outcome: 'created', dataSums });
    const [first, second] = [readFits(from), readFits(join(spec.root, revised.path))];
    expect(second.hdus[0]?.value('LATE')).toBe('header');
    expect(second.hdus.length).toBe(first.hdus.length);
    for (const [index, hdu] of second.hdus.entries()) {
      expect(native.dataSum(hdu.source.read(hdu.header.offset, hdu.header.bytes), dataSums[index])).toBe(0xffffffff);
      const before = first.hdus[index];
      if (index > 0 && before !== undefined) expect(readPixels(hdu, native)).toEqual(readPixels(before, native));
    }
    first.close();
    second.close();
  });

  test('that are no longer those that were written are refused, and nothing is written', async () => {
    const spec = fileSpec(options, tempDir());
    const { dataSums, bytes } = await write(spec, options);
    const from = join(spec.root, spec.path);
    const damaged = readFileSync(from);
    damaged[bytes - 2880] = (damaged[bytes - 2880] ?? 0) ^ 1;
    chmodSync(from, 0o644);
    writeFileSync(from, damaged);
    const file = { ...spec, path: 'camera/day/revised.fits', sidecarPath: 'camera/day/revised.json' };
    await expect(rewriteFile(native, { from, dataSums, file })).rejects.toMatchObject({ code: 'FITS_CHECKSUM' });
    expect(() => readFileSync(join(spec.root, file.path))).toThrow('ENOENT');
  });
});

test('a stored segment that lies outside its file is refused', async () => {
  const options: OpenOptions = { layout, products: ['raw'], compression: 'rice' };
  const spec = fileSpec(options, tempDir());
  const stored = {
    bytes: new Uint8Array(2880),
    compressed: true,
    segments: [{ offset: 2880, bytes: 8, heap: 0, longestRow: 0, pixelSum: 0 }],
  };
  await expect(native.rewrite(stored, spec)).rejects.toMatchObject({ code: 'NATIVE_ARGUMENT' });
});
