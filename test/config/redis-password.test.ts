import { expect, it } from 'vitest';
import { loadConfig } from '../../src/config.js';

it('A password from the environment stays the text that it is, also where it looks like a number', () => {
  const config = loadConfig({ flags: {} }, { CCARCHIVER_REDIS__PASSWORD: '0123', CCARCHIVER_REDIS__USERNAME: 'true' });
  expect(config.redis).toMatchObject({ password: '0123', username: 'true' });
});

it('A Redis address with a password in it is refused, and the message does not repeat it', () => {
  const load = () => loadConfig({ flags: { redis: { url: 'redis://me:s3cret@127.0.0.1:6379' } } }, {});
  expect(load).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.not.stringContaining('s3cret') }),
  );
});
