import { AssemblerService } from '../../src/assemble/service.js';
import { loadCamera } from '../../src/camera/load.js';
import { startDaq } from '../../src/cli/process.js';
import { openDaq } from '../../src/compose.js';
import type { DaqNotice, DaqSource, ImageTag } from '../../src/daq/port.js';
import { systemClock } from '../../src/model/clock.js';
import { taiFromIso } from '../../src/model/time.js';
import { loadNative } from '../../src/native/binding.js';
import { paths } from '../inputs.js';
import type { TrialSpec } from '../types.js';
import { clear, finishAll } from './assembly.js';
import { fileJobs, imageJob } from './memory.js';
import { now, taiMs } from './milestones.js';
import type { Sample, Work } from './work.js';

const POOL_BYTES = 2 ** 30;
/** Seconds from one exposure to the next: readout, telemetry, and time for the files of the one before. */
const INTERVAL_SECONDS = 4;

/** The emulator, a process of its own, reads a raft out in real time; the assembler follows it over a socket. */
export async function raftPaced(spec: TrialSpec): Promise<Work> {
  const store = paths.store(spec.inputs, 'raft');
  const count = String(spec.warmups + spec.iterations);
  const serve = ['--pace', 'realtime', '--repeat', '--count', count, '--interval', String(INTERVAL_SECONDS)];
  const emulator = await startDaq(['--store', store, '--port', '0', '--exposure', '0', ...serve]);
  const address = { kind: 'network', address: emulator.address } as const;
  const daq = await openDaq(address);
  const camera = paths.camera(spec.inputs, 'raft', spec.variant);
  const native = loadNative();
  native.configurePool(POOL_BYTES);
  const config = { daq: address, camera, threads: 2, bandRows: 64, poolBytes: POOL_BYTES };
  const service = new AssemblerService({ native, config, daq: await openDaq(address), clock: systemClock });
  const stop = new AbortController();
  const notices = daq.watch({ signal: stop.signal })[Symbol.asyncIterator]();
  return {
    run: () => archiveNext({ spec, service, daq, notices }),
    close: async () => {
      stop.abort();
      await service.close();
      await daq.close();
      await emulator.stop();
    },
  };
}

interface Following {
  readonly spec: TrialSpec;
  readonly service: AssemblerService;
  readonly daq: DaqSource;
  readonly notices: AsyncIterator<DaqNotice>;
}

/** ms from the end of the readout, by the emulator's own clock, to the last durable file; computeMs to the last compressed band. */
async function archiveNext({ spec, service, daq, notices }: Following): Promise<Sample> {
  const tag = await nextImage(notices);
  const description = await daq.describe(tag);
  const image = imageJob(description, spec);
  const camera = loadCamera(paths.camera(spec.inputs, 'raft', spec.variant));
  clear(spec.out);
  const memory = { camera, image, description };
  const jobs = image.sources.map(({ location }) => ({ location, files: fileJobs(memory, location, spec.out) }));
  await service.begin(image);
  let computed = 0;
  const durable = Promise.all(
    jobs.map(async ({ location, files }) => {
      await service.source(image.obsid, location);
      computed = now();
      await finishAll(service, files);
      const done = now();
      await service.release(image.obsid, location);
      return done;
    }),
  );
  const ended = endOfReadout(notices, tag);
  const last = Math.max(...(await durable));
  await service.end(image.obsid);
  const end = await ended;
  return { ms: last - end, figures: { computeMs: computed - end } };
}

async function nextImage(notices: AsyncIterator<DaqNotice>): Promise<ImageTag> {
  for (;;) {
    const notice = await next(notices);
    if (notice.type === 'image') return notice.image.tag;
  }
}

async function endOfReadout(notices: AsyncIterator<DaqNotice>, tag: ImageTag): Promise<number> {
  for (;;) {
    const notice = await next(notices);
    if (notice.type !== 'event' || notice.tag !== tag || notice.event.type !== 'endReadout') continue;
    return taiMs(taiFromIso(notice.event.time));
  }
}

async function next(notices: AsyncIterator<DaqNotice>): Promise<DaqNotice> {
  const { value, done } = await notices.next();
  if (done === true) throw new Error('the emulator ended before its images were taken');
  return value;
}
