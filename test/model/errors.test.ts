import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  ArchiverError,
  asArchiverError,
  ERRORS,
  type ErrorCode,
  type ErrorRow,
  type RetryRule,
} from '../../src/model/errors.js';
import { packageRoot } from '../../src/model/package.js';

const CODES = Object.keys(ERRORS) as ErrorCode[];
const DOCUMENT = readFileSync(join(packageRoot(), 'docs/errors.md'), 'utf8');

/** A retry rule as the document says it. */
function ruleOf(retry: string, tries: string | undefined, disk: string | undefined): RetryRule | null {
  const [, firstMs, mostMs] = /^(\d+) to (\d+) ms$/.exec(retry) ?? [];
  if (firstMs === undefined) return null;
  const most = tries === 'deadline' ? null : Number(tries);
  return { firstMs: Number(firstMs), mostMs: Number(mostMs), tries: most, disk: disk === 'yes' };
}

describe('docs/errors.md', () => {
  it('is what scripts/errors-doc.mjs makes of the table', () => {
    const args = ['scripts/errors-doc.mjs', '--print'];
    const made = spawnSync(process.execPath, args, { cwd: packageRoot(), encoding: 'utf8' });
    expect(made.stderr).toBe('');
    expect(DOCUMENT).toBe(made.stdout);
  });

  it('holds every code with its message, exit code, status code and retry rule, and no other', () => {
    const rows = DOCUMENT.matchAll(
      /^\| `([A-Z_]+)` \| (.*) \| (\d+) \| (\d+) \| (no|\d+ to \d+ ms) \| (\d*|deadline) \| (yes|) \|$/gm,
    );
    const documented = [...rows].map(
      ([, code = '', message = '', exit, status, retry = '', tries, disk]): [string, ErrorRow] => [
        code,
        {
          message: message.replace(/\\([<|])/g, '$1'),
          exit: Number(exit) as ErrorRow['exit'],
          status: Number(status) as ErrorRow['status'],
          retry: ruleOf(retry, tries, disk),
        },
      ],
    );
    expect(Object.fromEntries(documented)).toEqual(ERRORS);
    expect(documented).toHaveLength(CODES.length);
  });

  it('explains every value that stands in a message, and no other', () => {
    const explained = [...DOCUMENT.matchAll(/^\| `\{(\w+)\}` \| \S.* \|$/gm)].map(([, name]) => name);
    expect(explained).toEqual([...new Set(CODES.flatMap(placeholders))].sort());
  });
});

describe('the error table', () => {
  it('is the ErrorCode type', () => {
    expectTypeOf<ErrorCode>().toEqualTypeOf<keyof typeof ERRORS>();
    // @ts-expect-error a code that is not in the table is no ErrorCode
    expectTypeOf<'NOT_IN_THE_TABLE'>().toExtend<ErrorCode>();
  });

  it('gives each code one sentence, and an exit code and a status code of the documented sets', () => {
    for (const code of CODES) {
      const { message, exit, status } = ERRORS[code];
      expect(code).toMatch(/^[A-Z]+(_[A-Z0-9]+)*$/);
      expect(message, code).toMatch(/^[^\n]*[^.\s]$/);
      expect([2, 3, 4, 5, 6, 70], code).toContain(exit);
      expect([5610, 5611, 5612], code).toContain(status);
    }
  });

  it('holds no code that nothing raises', () => {
    // TOOL_MISSING is also the install script's, which prints it before anything is compiled.
    const sources = [
      ...sourceFiles('src', '.ts'),
      ...sourceFiles('scripts', 'install.mjs'),
      ...sourceFiles('native', '.cpp'),
      ...sourceFiles('native', '.h'),
    ];
    const text = sources
      .filter((file) => !file.endsWith('src/model/error-table.ts') && !file.includes('/native/test/'))
      .map((file) => readFileSync(file, 'utf8'))
      .join('\n');
    expect(CODES.filter((code) => !new RegExp(`['"\`]${code}['":]`).test(text))).toEqual([]);
  });

  it('gets every value of its message wherever an error is made', () => {
    const incomplete = sourceFiles('src', '.ts').flatMap(incompleteErrors);
    expect(incomplete).toEqual([]);
  });
});

describe('an ArchiverError', () => {
  it('fills its message and keeps code, details and cause', () => {
    const cause = new Error('EACCES');
    const error = new ArchiverError('FOLDER_UNWRITABLE', { path: '/data', reason: 'EACCES' }, { cause });
    expect(error.message).toBe('Folder /data cannot be written (EACCES); make it writable or choose another');
    expect(error).toMatchObject({ code: 'FOLDER_UNWRITABLE', retryable: true, cause });
  });

  it('survives postMessage as data', () => {
    const error = new ArchiverError('DAQ_NO_IMAGE', { image: 'CC_O_20241108_000266' });
    const again = asArchiverError(structuredClone(error.toData()));
    expect(again).toBeInstanceOf(ArchiverError);
    expect(again.toData()).toEqual(error.toData());
  });

  it('is made of a native error, which carries code and details on a plain Error', () => {
    const native = Object.assign(new Error('text'), { code: 'NATIVE_HANDLE', details: { handle: 7 } });
    expect(asArchiverError(native).message).toContain('Handle 7 is not open');
  });

  it.each([[new Error('odd')], ['odd'], [{ code: 'toString', details: {} }], [null]])(
    'is INTERNAL for %s',
    (thrown) => {
      expect(asArchiverError(thrown).code).toBe('INTERNAL');
    },
  );

  it('takes a value for what it is, whatever characters it holds', () => {
    const error = new ArchiverError('FILE_MISSING', { path: '/$&/{path}' });
    expect(error.message).toBe('File /$&/{path} does not exist; check the path');
  });
});

function placeholders(code: ErrorCode): string[] {
  return [...ERRORS[code].message.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
}

function sourceFiles(folder: string, extension: string): string[] {
  return readdirSync(join(packageRoot(), folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(extension))
    .map((name) => join(packageRoot(), folder, name));
}

/** `new ArchiverError('CODE', { ... })` whose literal details lack a value of the message: `file:line CODE value`. */
function incompleteErrors(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && node.expression.getText() === 'ArchiverError') {
      const line = source.getLineAndCharacterOfPosition(node.getStart()).line + 1;
      found.push(...missingValues(node).map((value) => `${file}:${line} ${value}`));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

function missingValues(node: ts.NewExpression): string[] {
  const [code, details] = node.arguments ?? [];
  if (code === undefined || !ts.isStringLiteral(code)) return [];
  const needed = placeholders(code.text as ErrorCode);
  if (details === undefined) return needed.map((name) => `${code.text} {${name}}`);
  if (!ts.isObjectLiteralExpression(details) || details.properties.some(ts.isSpreadAssignment)) return [];
  const given = details.properties.map((property) => property.name?.getText());
  return needed.filter((name) => !given.includes(name)).map((name) => `${code.text} {${name}}`);
}

describe('a message with a detail from outside', () => {
  it.each([
    ['a line feed', 'a\nccarchiver: forged'],
    ['an escape', '\u001b[2Ja'],
    ['a turned direction', 'a\u202eb'],
    ['a line separator', 'a\u2028b'],
  ])('holds %s as a question mark, in one line', (_, path) => {
    const error = new ArchiverError('FILE_MISSING', { path });
    expect(error.message).toMatch(/^File [ -~]*\?[ -~]* does not exist; check the path$/);
    expect(error.details.path).toBe(path);
  });

  it('is cut, and its details are whole', () => {
    const path = 'x'.repeat(100_000);
    const error = new ArchiverError('FILE_MISSING', { path });
    expect(error.message.length).toBeLessThan(1100);
    expect(error.details.path).toBe(path);
  });
});
