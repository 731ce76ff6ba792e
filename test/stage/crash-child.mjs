// Records files in a ledger for as long as it lives, and tells each one only after the ledger has acknowledged it.
// Usage: node crash-child.mjs DIST LEDGER ROUND
const [dist, path, round] = process.argv.slice(2);
const { LedgerThread, SqliteLedger } = await import(`${dist}/src/stage/ledger/client.js`);
const { EmbeddedQueue } = await import(`${dist}/src/stage/embedded-queue.js`);
const { systemClock } = await import(`${dist}/src/model/clock.js`);

const thread = await LedgerThread.start({ path, archiverName: 'CCArchiver', clock: systemClock });
const ledger = new SqliteLedger(thread);
const queue = new EmbeddedQueue(thread);
const sensors = ['S00', 'S01', 'S02'];

for (let n = 0; ; n++) {
  const obsid = `CC_O_20241108_${String(Number(round) * 1000 + n).padStart(6, '0')}`;
  const expected = sensors.map((sensor) => ({ raft: 'R22', sensor, product: 'raw' }));
  const image = { obsid, tag: obsid, camera: 'comcam', instrument: 'LSSTComCam', expected, createdAt: 'now' };
  await ledger.beginImage(image);
  await ledger.fixMetadata(obsid, 1, `of ${obsid}`);
  process.stdout.write(`fixed ${obsid}\n`);
  await Promise.all(sensors.map((sensor) => archive({ obsid, raft: 'R22', sensor, product: 'raw', version: 1 })));
}

async function archive(file) {
  const key = `${file.obsid} ${file.sensor}`;
  const facts = {
    bytes: 1,
    dataSums: [1],
    sourceCrc32: 1,
    header: 'COMPLETE',
    omitted: [],
    ignored: [],
    groupId: null,
    snap: null,
  };
  await ledger.recordWritten({ file, path: key, sidecarPath: key, ...facts, targets: ['oods'] });
  process.stdout.write(`written ${key}\n`);
  await ledger.recordSeal(file, { sha256: 'a', md5: 'b' });
  process.stdout.write(`sealed ${key}\n`);
  await queue.add([{ kind: 'deliver', target: 'oods', file }]);
  await ledger.recordDelivery(file, { target: 'oods', state: 'delivered', uri: 'file:///x', error: null });
  process.stdout.write(`delivered ${key}\n`);
}
