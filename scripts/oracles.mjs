// Independent readers of FITS that the tests compare with: found on PATH, or fetched from Debian without root into build/oracles.
// Usage: node scripts/oracles.mjs      prints {"<tool>": {"command": path, "env": {...}} | null} as JSON; notes go to stderr.
// A tool that cannot be had is null, never an error: the tests that need it are reported as not run.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runLocked } from './lock.mjs';

/** Tool and the Debian package that holds it. */
const TOOLS = { fitsverify: 'fitsverify', fpack: 'libcfitsio-bin', funpack: 'libcfitsio-bin' };

const script = fileURLToPath(import.meta.url);
const home = join(dirname(dirname(script)), 'build/oracles');
/** The unpacked packages, present only when complete. */
const unpacked = join(home, 'root');
/** Seconds that one apt command may take; it ends by itself much earlier when there is no network. */
const APT_SECONDS = 60;

if (process.argv[2] === '--locked') fetchMissing();
else report();

function report() {
  if (Object.keys(TOOLS).some((tool) => find(tool) === null)) {
    const stdio = ['ignore', 2, 2];
    if (runLocked(join(home, 'lock'), script, [], stdio) === undefined) note('flock not found: nothing was fetched');
  }
  const found = Object.fromEntries(Object.keys(TOOLS).map((tool) => [tool, find(tool)]));
  process.stdout.write(`${JSON.stringify(found)}\n`);
}

/** A tool that starts: from PATH, else from the unpacked packages. */
function find(tool) {
  return findOnPath(tool) ?? findUnpacked(tool);
}

function findOnPath(tool) {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const command = folders.map((folder) => join(folder, tool)).find(isExecutable);
  return command !== undefined && starts({ command, env: {} }) ? { command, env: {} } : null;
}

function findUnpacked(tool) {
  const command = join(unpacked, 'usr/bin', tool);
  if (!isExecutable(command)) return null;
  const found = { command, env: { LD_LIBRARY_PATH: libraryPath(unpacked) } };
  return starts(found) ? found : null;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** False when the file is no program of this machine or a shared library is missing (the loader then exits with 127). */
function starts({ command, env }) {
  const child = spawnSync(command, ['-H'], { env: { ...process.env, ...env }, stdio: 'ignore', timeout: 10_000 });
  return child.error === undefined && child.status !== null && child.status !== 126 && child.status !== 127;
}

function libraryPath(root) {
  const folders = ['usr/lib', 'lib'].map((folder) => join(root, folder)).filter((folder) => existsSync(folder));
  const perMachine = folders.flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.includes('-linux-gnu'))
      .map((name) => join(folder, name)),
  );
  return [...perMachine, ...folders].join(delimiter);
}

/** Runs under the lock: another process may have fetched everything meanwhile. */
function fetchMissing() {
  const tools = Object.keys(TOOLS);
  if (tools.every((tool) => find(tool) !== null)) return;
  // The unpacked tree is replaced as a whole, so it must hold every tool that PATH does not.
  const wanted = [...new Set(tools.filter((tool) => findOnPath(tool) === null).map((tool) => TOOLS[tool]))];
  note(`fetching ${wanted.join(', ')} from Debian into ${home}`);
  if (attempt(wanted)) return;
  // A package list that was cut short stays damaged for ever, so the second attempt starts from nothing.
  note('trying once more with fresh package lists');
  for (const part of ['lists', 'cache']) rmSync(join(home, part), { recursive: true, force: true });
  attempt(wanted);
}

/** One pass of lists, resolution, download and unpacking. @returns whether every wanted package is now there */
function attempt(wanted) {
  for (const part of ['lists/partial', 'cache/archives/partial']) mkdirSync(join(home, part), { recursive: true });
  apt('apt-get', ['-qq', 'update']); // its exit code is 0 even offline: only what resolves afterwards counts
  const packages = resolve(wanted);
  if (packages === null) return false;
  const archives = join(home, 'archives');
  rmSync(archives, { recursive: true, force: true });
  mkdirSync(archives);
  if (apt('apt-get', ['-qq', 'download', ...packages], archives).status !== 0) {
    note('apt-get download failed');
    return false;
  }
  return unpack(archives);
}

/** The wanted packages with those of their dependencies that this machine lacks, as `name=version`; null when one is unknown. */
function resolve(wanted) {
  const child = apt('apt-get', ['-s', '--no-install-recommends', '--reinstall', 'install', ...wanted]);
  const packages = [...(child.stdout ?? '').matchAll(/^Inst (\S+) (?:\[\S+\] )?\((\S+) /gm)].map(
    ([, name, version]) => `${name}=${version}`,
  );
  const complete = wanted.every((name) => packages.some((entry) => entry.split(/[:=]/)[0] === name));
  if (child.status === 0 && complete) return packages;
  const reason = child.error?.message ?? child.stderr.trim().split('\n').at(-1);
  note(`the packages cannot be resolved: ${reason || 'apt lists no such package'}`);
  return null;
}

function unpack(archives) {
  const fresh = join(home, `root.${process.pid}`);
  try {
    for (const file of readdirSync(archives).filter((name) => name.endsWith('.deb'))) {
      const child = spawnSync('dpkg-deb', ['-x', join(archives, file), fresh], { encoding: 'utf8' });
      if (child.status === 0) continue;
      note(`${file} cannot be unpacked: ${child.error?.message ?? child.stderr.trim()}`);
      return false;
    }
    rmSync(unpacked, { recursive: true, force: true });
    renameSync(fresh, unpacked);
    rmSync(archives, { recursive: true, force: true });
    return true;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** Runs apt with the machine's sources and installed packages but with lists and cache of our own, so no root is needed. */
function apt(command, args, cwd = home) {
  const options = [
    `Dir::State::lists=${join(home, 'lists')}`,
    `Dir::Cache=${join(home, 'cache')}`,
    'Debug::NoLocking=true',
    'APT::Sandbox::User=root',
    'Acquire::Languages=none',
    'Acquire::http::Timeout=10',
    'Acquire::https::Timeout=10',
    'Acquire::Retries=0',
  ].flatMap((option) => ['-o', option]);
  const env = { ...process.env, LC_ALL: 'C' };
  return spawnSync(command, [...options, ...args], { cwd, env, encoding: 'utf8', timeout: APT_SECONDS * 1000 });
}

function note(text) {
  console.error(`oracles: ${text}`);
}
