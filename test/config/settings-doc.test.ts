import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadConfig } from '../../src/config.js';
import { packageRoot } from '../../src/model/package.js';

/** First words of the table's rows: `oods.enabled, .mode` stands for oods.enabled and oods.mode. */
function documented(): Set<string> {
  const text = readFileSync(join(packageRoot(), 'docs', 'settings.md'), 'utf8');
  const names = [...text.matchAll(/^\| ([a-z][\w., ]*?) \|/gm)].map((match) => match[1] ?? '');
  return new Set(
    names
      .filter((name) => name !== 'name')
      .flatMap((row) => {
        const [first = '', ...rest] = row.split(', ');
        return [first, ...rest.map((name) => `${first.split('.')[0]}${name}`)];
      }),
  );
}

function settings(tree: object, prefix = ''): string[] {
  return Object.entries(tree).flatMap(([name, value]) =>
    typeof value === 'object' && !Array.isArray(value) ? settings(value, `${prefix}${name}.`) : [`${prefix}${name}`],
  );
}

it('docs/settings.md names every setting', () => {
  const known = documented();
  expect(settings(loadConfig({ flags: {} }, {})).filter((name) => !known.has(name))).toEqual([]);
});

it('docs/settings.md names no setting that does not exist', () => {
  const targets = ['oods.folder', 'dbb.folder', 'prompt.folder'];
  const optional = [...targets, 'redis.username', 'redis.password', 'notify.webhook.url', 'notify.webhook.token'];
  optional.push('prompt.endpoint', 'prompt.accessKeyId', 'prompt.secretAccessKey');
  const real = new Set([...settings(loadConfig({ flags: {} }, {})), ...optional]);
  expect([...documented()].filter((name) => !real.has(name))).toEqual([]);
});
