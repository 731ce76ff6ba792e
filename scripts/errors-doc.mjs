// Writes docs/errors.md from the error table in src/model/error-table.ts.
// Usage: node scripts/errors-doc.mjs [--print]      --print writes to stdout instead
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What stands at each {name} of a message. A name that is missing here stops this script. */
const VALUES = {
  actual: 'what was found',
  address: 'host and port, or socket path',
  aside: 'where our own copy of a conflicting file was put',
  bytes: 'number of bytes',
  camera: 'camera name as given',
  command: 'verb of the command line',
  expected: 'what should have been found',
  file: 'name of a data file',
  flag: 'command-line flag that gives the missing value',
  handle: 'native handle',
  hdu: 'number of the HDU, 0 for the primary',
  image: 'image name',
  keyword: 'FITS keyword',
  known: 'values that would be accepted, or the one on record',
  length: 'number of bytes asked for',
  location: 'raft bay, sensor slot or DAQ location such as 22/0',
  name: 'image name as given',
  needed: 'value that is needed',
  obsid: 'image name',
  offset: 'first byte asked for, from the start of the source',
  other: 'the other image concerned',
  package: 'Debian package that holds the tool',
  path: 'file or folder',
  pid: 'process number',
  problem: 'what is wrong, in words',
  reason: 'why, as the operating system or the other side says it',
  root: 'data root folder',
  seconds: 'time allowed, in seconds',
  section: 'section of a header package',
  setting: 'setting of a server',
  sidecar: 'JSON file beside a FITS file',
  tile: 'number of the tile, one per row, from 1',
  tool: 'program that is needed',
  what: 'what is missing or was asked for',
  where: 'file, address or setting concerned',
};

const EXITS = {
  2: 'usage, configuration or a missing tool',
  3: 'bad input',
  4: 'storage',
  5: 'DAQ or network',
  6: 'integrity: content is not what it should be',
  70: 'a defect of this program',
};

const STATUS = { 5610: 'header', 5611: 'pixels or format', 5612: 'transfer' };

const text = render(await loadTable());
if (process.argv[2] === '--print') process.stdout.write(text);
else writeFileSync(join(root, 'docs/errors.md'), text);

/** The table itself: error-table.ts imports nothing, so its JavaScript can be loaded as it stands. */
async function loadTable() {
  const source = readFileSync(join(root, 'src/model/error-table.ts'), 'utf8');
  const options = { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext };
  const { outputText } = ts.transpileModule(source, { compilerOptions: options });
  return (await import(`data:text/javascript,${encodeURIComponent(outputText)}`)).ERRORS;
}

function render(errors) {
  const codes = Object.entries(errors).map(([code, { message, exit, status, retry }]) => [
    `\`${code}\``,
    message,
    exit,
    status,
    retry === null ? 'no' : `${retry.firstMs} to ${retry.mostMs} ms`,
    retry === null ? '' : (retry.tries ?? 'deadline'),
    retry?.disk ? 'yes' : '',
  ]);
  return [
    '# Errors',
    '',
    'Made from `src/model/error-table.ts` by `node scripts/errors-doc.mjs`; do not edit.',
    '',
    'Every failure has one of these codes, and a code never changes its meaning. It stands in the line that a command prints, in',
    '`--json` records, in the ledger and in the `description` of events. `retry` tells whether the same call may succeed later without',
    'a change by a person: after the first wait, which doubles up to the second. `gives up` is after how many tries of one input, or at its',
    'deadline (`deadlines.*`; a delivery has none and is tried for ever). `disk`: the disk of the data root is proved; while it takes nothing,',
    'no image is begun and deadlines stand still.',
    '',
    ...table(['code', 'message', 'exit', 'status', 'retry', 'gives up', 'disk'], codes),
    '',
    '## Exit codes',
    '',
    'A command that ends with the error exits with this code; 0 means that nothing failed.',
    '',
    ...table(['exit', 'meaning'], Object.entries(EXITS)),
    '',
    '## Status codes',
    '',
    '`statusCode` of `imageRetrievalForArchiving` when the error fails a CCD.',
    '',
    ...table(['status', 'meaning'], Object.entries(STATUS)),
    '',
    '## Values in the messages',
    '',
    ...table(['value', 'meaning'], valuesOf(errors)),
    '',
  ].join('\n');
}

/** The values that the messages hold, with their meaning. @throws when one has none here, or one here is in no message */
function valuesOf(errors) {
  const messages = Object.values(errors).map(({ message }) => message);
  const used = [...new Set(messages.flatMap((message) => message.match(/\{\w+\}/g) ?? []))].sort();
  const known = Object.keys(VALUES).map((name) => `{${name}}`);
  const wrong = [...used.filter((name) => !known.includes(name)), ...known.filter((name) => !used.includes(name))];
  if (wrong.length > 0)
    throw new Error(`scripts/errors-doc.mjs and the messages do not agree about ${wrong.join(', ')}`);
  return used.map((name) => [`\`${name}\``, VALUES[name.slice(1, -1)]]);
}

function table(heads, rows) {
  const line = (cells) => `| ${cells.map((cell) => String(cell).replace(/([<|])/g, '\\$1')).join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)];
}
