import { parseObsId } from '../../model/ids.js';
import { isoFromTai, type Tai, taiNow } from '../../model/time.js';
import type { CameraEvent } from '../port.js';
import { type Landing, landAll } from './landing.js';
import type { LiveImage } from './live-image.js';

/** The camera's telemetry of an image comes this long after its readout. */
const TELEMETRY_DELAY_MS = 300;

export interface Exposure {
  readonly image: LiveImage;
  readonly exposureMs: number;
  /** 1-based index of the image in its sequence, and how many were asked for. */
  readonly index: number;
  readonly count: number;
  /** Name of the stored image that is played under another name. */
  readonly emulatedImage?: string;
}

/** Takes one image: camera events, landing pixels and their times are those of a real exposure. Rejects when the signal aborts. */
export async function expose(exposure: Exposure, landing: Landing): Promise<void> {
  const { image, exposureMs } = exposure;
  const { clock, signal } = landing;
  const event = (type: CameraEvent['type'], fields: CameraEvent['fields'], time = taiNow(clock)) =>
    image.event({ type, imageName: image.name, time: isoFromTai(time), fields });

  const started = taiNow(clock);
  event('startIntegration', requestFields(exposure, started), started);
  if (exposureMs > 0) await clock.delay(exposureMs, signal);
  const trigger = taiNow(clock);
  event('endIntegration', {}, trigger);
  image.create(trigger);
  event('startReadout', {}, trigger);
  await landAll(image, landing);
  event('endReadout', {});
  if (landing.pace === 'realtime') await clock.delay(TELEMETRY_DELAY_MS, signal);
  event('endOfImageTelemetry', telemetryFields(exposure, started, trigger));
}

/** What the observatory asked the camera for. */
function requestFields({ image, exposureMs, index, count }: Exposure, started: Tai): CameraEvent['fields'] {
  const { camera, controller, dayobs, seqnum } = parseObsId(image.name);
  return {
    imagesInSequence: count,
    imageIndex: index,
    imageSource: camera,
    imageController: controller,
    imageDate: dayobs,
    imageNumber: seqnum,
    timestampAcquisitionStart: isoFromTai(started),
    exposureTime: exposureMs / 1000,
    imageType: 'OBJECT',
    testType: 'OBJECT',
    groupId: isoFromTai(started),
    program: 'SYNTHETIC',
    reason: 'emulated',
  };
}

function telemetryFields(exposure: Exposure, started: Tai, trigger: Tai): CameraEvent['fields'] {
  const seconds = exposure.exposureMs / 1000;
  return {
    imageTag: exposure.image.tag,
    timestampDateObs: isoFromTai(started),
    timestampDateEnd: isoFromTai(trigger),
    exposureTime: seconds,
    darkTime: Number(trigger - started) / 1e9,
    measuredShutterOpenTime: seconds,
    emulatedImage: exposure.emulatedImage ?? null,
  };
}
