import { describe, expect, it, onTestFinished } from 'vitest';
import { PackageParser } from '../../src/header/parser.js';

const OBSID = 'CC_O_20241108_000266';
const EXPECTED = { where: 'x.yaml', obsid: OBSID };
const PACKAGE = `PRIMARY:\n- {keyword: OBSID, value: ${OBSID}}\n`;

function parser(mostMs?: number): PackageParser {
  const made = new PackageParser(mostMs);
  onTestFinished(() => made.close());
  return made;
}

/** Eight megabytes of short lines: more than the parser does in two seconds. */
const ENDLESS = `PRIMARY:\n${'- a\n'.repeat(2_000_000)}`;

describe('the thread that parses header packages', () => {
  it('gives what it has parsed, and errors with their codes', async () => {
    const one = parser();
    expect(await one.parse(PACKAGE, EXPECTED)).toMatchObject({ obsid: OBSID, layout: 'sections' });
    await expect(one.parse('PRIMARY: 1', EXPECTED)).rejects.toMatchObject({
      code: 'HEADER_INVALID',
      details: { where: 'x.yaml' },
    });
    await expect(one.parse(PACKAGE.replace('266', '267'), EXPECTED)).rejects.toMatchObject({
      code: 'HEADER_WRONG_IMAGE',
    });
  });

  it('gives a text without end up, leaves the event loop to others meanwhile, and parses the next one', async () => {
    const one = parser(2000);
    let turns = 0;
    const timer = setInterval(() => turns++, 10);
    await expect(one.parse(ENDLESS, EXPECTED)).rejects.toMatchObject({
      code: 'HEADER_INVALID',
      message: expect.stringContaining('not read within 2 s'),
    });
    clearInterval(timer);
    expect(turns).toBeGreaterThan(50);
    expect(await one.parse(PACKAGE, EXPECTED)).toMatchObject({ obsid: OBSID });
  });
});
