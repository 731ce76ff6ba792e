// Proves the rules of scripts/import-rules.mjs for every TypeScript file of src, workers and fixtures.
// Usage: node scripts/check-imports.mjs [package root]      one line `file:line rule` for each broken rule, then exit code 1
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  COMPOSER,
  ENVIRONMENT_READER,
  LIBRARIES,
  MAX_LINES,
  NATIVE_LOADER,
  PORT_FOLDERS,
  ZONES,
} from './import-rules.mjs';
import { readImports } from './read-imports.mjs';

const zones = [...ZONES, ...Object.entries(PORT_FOLDERS).flatMap(portZones)];

const script = fileURLToPath(import.meta.url);
if (process.argv[1] === script) {
  const { files, broken } = checkImports(resolve(process.argv[2] ?? dirname(dirname(script))));
  for (const line of broken) console.error(line);
  console.log(`${files} files, ${broken.length} broken import rules`);
  process.exitCode = broken.length === 0 ? 0 : 1;
}

/** Checks one package. @returns how many files it has, and a line `file:line rule` for each broken rule */
export function checkImports(root) {
  const files = ['src', 'workers', 'fixtures'].flatMap((folder) => sourceFiles(root, folder)).sort();
  const read = files.map((file) => ({
    file,
    zone: zoneOf(file),
    ...readImports(file, readFileSync(join(root, file), 'utf8')),
  }));
  const broken = read.flatMap((source) => [...fileProblems(source), ...referenceProblems(root, source)]);
  const circular = circles(new Map(read.map(({ file, references }) => [file, targetsOf(file, references)])));
  for (const circle of circular) broken.push(`${circle[0]}:1 circular import ${[...circle, circle[0]].join(' > ')}`);
  return { files: files.length, broken };
}

function sourceFiles(root, folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}

/** Everybody here may use the types of every port; an adapter sees its own port and its folder's shared files. */
function portZones([name, { shared, types: extra, imports: further = [] }]) {
  const ports = Object.keys(PORT_FOLDERS).map((other) => `${other} port`);
  const types = [...ports, ...extra];
  const imports = ['model', 'camera', `${name} port`, name, ...further];
  return [
    { name: `${name} port`, files: [`src/${name}/port.ts`], imports: ['model'], types: ports },
    { name, files: shared, imports, types },
    { name: `${name} adapter`, files: [`src/${name}/**`], imports, types, adapters: `src/${name}/` },
  ];
}

function zoneOf(file) {
  const matches = (pattern) => (pattern.endsWith('/**') ? file.startsWith(pattern.slice(0, -2)) : file === pattern);
  return zones.find((zone) => zone.files.some(matches));
}

/** What is wrong with a file by itself. */
function fileProblems({ file, zone, lines, environment, loader }) {
  if (zone === undefined) return [`${file}:1 is in no zone of scripts/import-rules.mjs; add it there`];
  const most = MAX_LINES[zone.name];
  return [
    ...(lines > most ? [`${file}:${lines} ${zone.name} files have at most ${most} lines`] : []),
    ...(file === ENVIRONMENT_READER ? [] : environment).map(
      (line) => `${file}:${line} only ${ENVIRONMENT_READER} reads process.env`,
    ),
    ...(file === NATIVE_LOADER ? [] : loader).map((line) => `${file}:${line} only ${NATIVE_LOADER} loads a .node file`),
  ];
}

function referenceProblems(root, { file, zone, references }) {
  if (zone === undefined) return [];
  return references.flatMap((reference) => {
    const problem = referenceProblem(root, file, zone, reference);
    return problem === undefined ? [] : [`${file}:${reference.line} ${problem}`];
  });
}

function referenceProblem(root, file, zone, { specifier, kind }) {
  if (specifier === undefined) return 'import() needs a literal, so that the rules can be checked';
  if (!specifier.startsWith('.')) return libraryRefusal(zone, specifier);
  const target = targetOf(file, specifier);
  if (!existsSync(join(root, target))) return `${specifier} is no file of this package`;
  const why = refusal(file, zone, target, kind);
  return why && `${zone.name} must not import ${target}: ${why}`;
}

/** Why a file may not import another; undefined when it may. */
function refusal(file, zone, target, kind) {
  const other = zoneOf(target);
  if (other === undefined) return 'it is in no zone';
  if (other.adapters !== undefined) return adapterRefusal(file, zone, target, other, kind);
  if (other === zone) return undefined;
  if (other.closed) return `nobody imports ${other.name}`;
  if (zone.imports === 'all' || zone.imports.includes(other.name)) return undefined;
  if (!zone.types.includes(other.name)) return `${other.name} is not among its imports`;
  return kind === 'type' ? undefined : `only types of ${other.name}`;
}

function adapterRefusal(file, zone, target, other, kind) {
  const adapter = (path) => /^\w+/.exec(path.slice(other.adapters.length))?.[0];
  if (zone === other) return adapter(file) === adapter(target) ? undefined : 'an adapter never imports another';
  if (zone.name !== COMPOSER) return `only ${COMPOSER} names adapters`;
  return kind === 'value' ? `${COMPOSER} loads adapters by import()` : undefined;
}

function libraryRefusal(zone, specifier) {
  const name = specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
  const allowed = LIBRARIES[name];
  if (allowed === undefined)
    return name.startsWith('node:') ? undefined : `package ${name} is not listed in scripts/import-rules.mjs`;
  return allowed.includes(zone.name) ? undefined : `${name} is for ${allowed.join(', ')} only, not for ${zone.name}`;
}

function targetOf(file, specifier) {
  return join(dirname(file), specifier).replace(/\.js$/, '.ts');
}

function targetsOf(file, references) {
  return references
    .filter(({ specifier }) => specifier?.startsWith('.'))
    .map(({ specifier }) => targetOf(file, specifier));
}

/** Each circle of the import graph (file -> files) once, by depth-first search. */
function circles(graph) {
  const found = [];
  const done = new Set();
  const path = [];
  const walk = (file) => {
    if (path.includes(file)) found.push(path.slice(path.indexOf(file)));
    if (done.has(file) || path.includes(file)) return;
    path.push(file);
    for (const target of graph.get(file) ?? []) walk(target);
    path.pop();
    done.add(file);
  };
  for (const file of graph.keys()) walk(file);
  return found;
}
