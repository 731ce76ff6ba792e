// Ingests detectors as prompt processing does: waits for all detectors of a snap of a visit, by GROUPID, or for as long as it may take, then
// looks at the pixels of each. Usage: node examples/prompt-ingest.mjs [http://127.0.0.1:9650] [detectors of a snap] [seconds to wait] [snaps to take] [camera]
import { ArchiverClient, readCcdImage, readSidecar } from 'ccarchiver/client';

const [base, detectors = '9', seconds = '20', snaps = '1', camera] = process.argv.slice(2);
const archiver = new ArchiverClient(base);
const stop = new AbortController();
const groups = new Map();
let taken = 0;

for await (const detector of archiver.detectors({ signal: stop.signal })) {
  const { groupId, snap, raft, sensor } = detector;
  if (groupId === null) {
    console.error(`${detector.key} belongs to no visit`);
    continue;
  }
  const name = `${groupId} snap ${snap ?? 0}`;
  const group = groups.get(name) ?? {
    since: Date.now(),
    found: new Map(),
    timer: setTimeout(() => take(name), Number(seconds) * 1000),
  };
  groups.set(name, group);
  group.found.set(`${raft}_${sensor}`, detector); // the same event may come again: a detector is taken once
  if (group.found.size === Number(detectors)) await take(name);
}

async function take(name) {
  const group = groups.get(name);
  if (group.timer === undefined) return; // taken already
  clearTimeout(group.timer);
  group.timer = undefined;
  const ingested = [...group.found.values()].map(({ uri }) => ingest(uri));
  const record = { group: name, ms: Date.now() - group.since, detectors: await Promise.all(ingested) };
  console.log(JSON.stringify(record));
  if (++taken === Number(snaps)) stop.abort();
}

async function ingest(uri) {
  const { GROUPID, CURINDEX, LSST_NUM } = await readSidecar(uri);
  const { raft, sensor, width, height, pixels } = readCcdImage(uri, { camera });
  const known = pixels.filter((pixel, n) => n % 101 === 0 && !Number.isNaN(pixel));
  const median = known.sort()[known.length >> 1];
  return { slot: `${raft}_${sensor}`, serial: LSST_NUM, group: GROUPID, index: CURINDEX, width, height, median };
}
