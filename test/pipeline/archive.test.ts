import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { emulation } from '../daq/emulation.js';
import { SMALL_CAMERA } from '../daq/images.js';
import { archive } from '../support/archive.js';

describe('one image, from DAQ words to staged files', () => {
  it('becomes nine raw and nine corrected files, each with its own header, sealed and delivered', async () => {
    const { emulator } = await emulation({ start: 'first-subscriber' });
    const { rows, problems, refused, root } = await archive({ address: emulator.address, camera: SMALL_CAMERA });
    expect(problems.map(String)).toEqual([]);
    expect(refused).toEqual([]);
    const [row] = rows;
    expect(row?.state).toBe('complete');
    expect(row?.files).toHaveLength(18);
    expect(row?.files.every((file) => file.state === 'sealed' && file.seal !== null)).toBe(true);
    const states = row?.files.flatMap((file) => file.deliveries.map((delivery) => delivery.state)) ?? [];
    expect(states).toHaveLength(27);
    expect(new Set(states)).toEqual(new Set(['delivered']));
    for (const file of row?.files ?? []) expect(existsSync(join(root, file.path))).toBe(true);
  });
});
