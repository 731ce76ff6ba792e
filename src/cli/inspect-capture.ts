import { captureCamera } from '../daq/capture/camera.js';
import { type CapturedImage, CaptureFolder } from '../daq/capture/folder.js';
import { asArchiverError, ERRORS } from '../model/errors.js';
import { printRecord } from './output.js';

export interface CaptureFlags {
  readonly camera?: string;
  readonly json?: boolean;
}

/** Shows the captured images of a folder, or one of them. An image that cannot be used is told in its place. */
export async function inspectCapture(path: string, flags: CaptureFlags, only?: string): Promise<void> {
  const camera = await captureCamera(path, flags.camera);
  const folder = new CaptureFolder(path, camera);
  const names = only === undefined ? await folder.images() : [only];
  let failed = 0;
  for (const name of names) {
    try {
      show(name, await folder.load(name), flags.json === true);
    } catch (thrown) {
      failed++;
      const error = asArchiverError(thrown);
      process.exitCode = Math.max(Number(process.exitCode ?? 0), ERRORS[error.code].exit);
      if (flags.json === true) printRecord({ image: name, error: error.toData() });
      else process.stdout.write(`${name}: ${error.code}: ${error.message}\n`);
    }
  }
  if (flags.json === true) printRecord({ summary: true, path, camera: camera.name, images: names.length, failed });
}

function show(name: string, { description, streams }: CapturedImage, json: boolean): void {
  const { image, sources, events, conditions, absent, createdAt } = description;
  const files = [...streams].map(([location, { path, bytes, crc32 }]) => ({ location, path, bytes, crc32 }));
  if (json) {
    printRecord({
      image: name,
      tag: image.tag,
      triggerNs: image.triggerNs,
      sources,
      files,
      absent,
      events,
      conditions,
      createdAt,
    });
    return;
  }
  const registers = (location: string) =>
    (sources.find((source) => source.location === location)?.registers ?? [])
      .map(({ address, value }) => `${address.toString(16)}=${value}`)
      .join(' ');
  const lines = files.map(
    ({ location, bytes, crc32 }) =>
      `  ${location}  ${bytes} bytes, CRC-32 ${crc32?.toString(16).padStart(8, '0') ?? 'not recorded'}, registers ${registers(location)}`,
  );
  const facts = [
    `tag ${image.tag}`,
    `${events.length} events`,
    `conditions of ${Object.keys(conditions).length} boards`,
    ...(absent.length === 0 ? [] : [`not captured: ${absent.join(' ')}`]),
    ...(createdAt === undefined ? [] : [`first archived ${createdAt} TAI`]),
  ];
  process.stdout.write(`${name}: ${facts.join(', ')}\n${lines.join('\n')}\n`);
}
