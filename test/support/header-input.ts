import { loadCamera } from '../../src/camera/load.js';
import { ccdBySlot } from '../../src/camera/locations.js';
import type { HeaderInput } from '../../src/fits/facts.js';
import { type MergedHeader, NO_HEADER, type SectionRecord } from '../../src/model/header-package.js';

/** Facts of an ordinary exposure of ComCam; tests replace what they are about. */
export function headerInput(changes: Partial<HeaderInput> = {}): HeaderInput {
  const camera = changes.camera ?? loadCamera('comcam');
  return {
    camera,
    ...ccdBySlot(camera, 'R22', 'S01'),
    obsid: 'CC_O_20241108_000266',
    product: 'raw',
    compression: 'rice',
    createdAt: '2024-11-09T06:35:13.753',
    version: '0.1.0',
    daq: {
      tag: '55a26f70adb62647',
      folder: 'raw',
      annotation: '',
      triggerNs: '1731134111749000000',
      version: { tag: 'R5-V11.3', buildTimeNs: '1726499041000000000', hash: '10c5a519' },
      partition: 'comcam',
      emulatedImage: null,
      firmware: '31395007',
      serial: '18edfc9b',
      platform: 'comcam',
    },
    exposure: {
      startIntegration: '2024-11-09T06:34:41.323',
      endIntegration: '2024-11-09T06:35:11.754',
      imageType: 'OBJECT',
      testType: 'OBJECT',
      groupId: '2024-11-09T06:33:55.311',
      program: 'PP-SURVEY',
      reason: 'science',
      curIndex: 1,
      maxIndex: 2,
      exposureTime: 30,
      darkTime: 30.4306,
      stutter: { rows: 0, delay: 0, nShifts: 0 },
      additional: {},
    },
    conditions: {},
    header: NO_HEADER,
    crosstalk: { order: 2, name: 'ComCam ITL median', sha256: 'a'.repeat(64) },
    ...changes,
  };
}

/** A complete package whose primary section says this; text is quoted, all else is not. */
export function merged(values: Readonly<Record<string, string | number | boolean | null>>): MergedHeader {
  return { ...NO_HEADER, status: 'COMPLETE', primary: Object.entries(values).map(([k, v]) => packageRecord(k, v)) };
}

export function packageRecord(
  keyword: string | null,
  value: string | number | boolean | null,
  comment = '',
): SectionRecord {
  const scalar = value === null ? null : { text: String(value), quoted: typeof value === 'string' };
  return { keyword, value: scalar, comment, section: 'PRIMARY' };
}
