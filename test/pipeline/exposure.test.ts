import { describe, expect, it } from 'vitest';
import type { CameraEvent } from '../../src/daq/port.js';
import { exposureFacts } from '../../src/pipeline/exposure.js';

const event = (type: CameraEvent['type'], time: string, fields: CameraEvent['fields'] = {}): CameraEvent => ({
  type,
  imageName: 'CC_O_20261121_000001',
  time,
  fields,
});

describe('what the camera events say of an exposure', () => {
  it('takes times from the events and numbers from their fields, also when they are texts', () => {
    const facts = exposureFacts([
      event('startIntegration', '2026-11-21T01:00:00.000', { imageIndex: 1, imagesInSequence: '2', exposureTime: 30 }),
      event('endIntegration', '2026-11-21T01:00:30.000'),
      event('endOfImageTelemetry', '2026-11-21T01:00:33.000', { darkTime: 30.43 }),
    ]);
    expect(facts).toMatchObject({
      startIntegration: '2026-11-21T01:00:00.000',
      endIntegration: '2026-11-21T01:00:30.000',
      curIndex: 1,
      maxIndex: 2,
      exposureTime: 30,
      darkTime: 30.43,
    });
  });

  it('reads the request keys with their escaped colons', () => {
    const fields = { additionalKeys: 'imageType:groupId:CUSTOM', additionalValues: 'OBJECT:2026-11-21T01\\:00\\:00:7' };
    const facts = exposureFacts([event('startIntegration', '2026-11-21T01:00:00.000', fields)]);
    expect(facts.imageType).toBe('OBJECT');
    expect(facts.groupId).toBe('2026-11-21T01:00:00');
    expect(facts.additional).toEqual({ CUSTOM: '7' });
  });

  it('knows nothing of an exposure without events', () => {
    const facts = exposureFacts([]);
    expect(facts.startIntegration).toBeNull();
    expect(facts.exposureTime).toBeNull();
    expect(facts.stutter).toBeNull();
  });

  it('takes no number from what is none', () => {
    expect(exposureFacts([event('startIntegration', 't', { exposureTime: 'long' })]).exposureTime).toBeNull();
    expect(exposureFacts([event('startIntegration', 't', { exposureTime: '' })]).exposureTime).toBeNull();
  });
});
