import { z } from 'zod';
import { consistencyProblems } from './consistency.js';
import type { Camera } from './types.js';

/** Text that fits a FITS string card and stands for itself there. */
const cardText = z.string().regex(/^[ -&(-~]{1,68}$/, 'is not 1 to 68 printable ASCII characters without quotes');
const pathPart = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, 'is not made of letters, digits, _ and -');
const key = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}$/);
const hex = z.string().regex(/^[0-9a-f]{1,16}$/, 'is not lower-case hex');
const count = z.int().min(0).max(65535);
const sign = z.union([z.literal(1), z.literal(-1)]);
const unit = z.union([z.literal(0), sign]);
const channel = z.int().min(0).max(15);
const box = z.string().regex(/^\[\d+:\d+,\d+:\d+\]$/, 'is not a FITS section [x0:x1,y0:y1]');
const pcMatrix = z.tuple([unit, unit, unit, unit]);

const segment = z.strictObject({
  name: z.string().regex(/^Segment[01][0-7]$/),
  amplifier: z.string().regex(/^C[01][0-7]$/),
  detsec: box,
  dtv: z.tuple([z.int(), z.int()]),
  dtm: z.tuple([sign, sign]),
  pcParallelSerial: pcMatrix,
  pcSerialParallel: pcMatrix,
  crvalA: z.tuple([z.number(), z.number()]),
  crvalC1: z.number(),
  flipX: z.boolean(),
  flipY: z.boolean(),
  assembled: z.tuple([count, count]),
});

const sensorType = z.strictObject({
  manufacturer: cardText,
  model: cardText,
  opFlags: z.int().min(0).max(255),
  columns: count.min(1),
  rows: count.min(1),
  underCols: count,
  readCols: count.min(1),
  overCols: count,
  readRows: count.min(1),
  overRows: count,
  pedestal: z.tuple([count, count]),
  datasec: box,
  detsize: box,
  raftOffset: z.tuple([z.number(), z.number()]),
  raftPitch: z.number().min(0),
  pixelNs: z.number().positive(),
  lineNs: z.number().min(0),
  sequencer: z.strictObject({ file: cardText, checksum: cardText }).exactOptional(),
  segments: z.array(segment).min(1).max(16),
});

const amplifier = z.strictObject({ gain: z.number().min(0.1).max(10), readNoise: z.number().min(0).max(1000) });

const ccd = z.strictObject({
  sensor: z.string().regex(/^(?:S[0-2][0-2]|S[GW][01])$/),
  detector: z.int().min(0).max(255),
  type: key,
  lsstNum: cardText.nullable(),
  serial: cardText.nullable(),
  amplifiers: z.array(amplifier).nullable(),
  crosstalk: key.nullable(),
});

const reb = z.strictObject({
  location: z.string().regex(/^[0-4][0-4]\/[0-2]$/),
  board: z.string().regex(/^Reb[0-2GW]$/),
  readout: key,
  name: cardText.nullable(),
  serial: hex.nullable(),
  ccds: z.array(ccd).min(1).max(3),
});

const raft = z.strictObject({
  bay: z.string().regex(/^R[0-4][0-4]$/),
  name: cardText,
  grid: z.tuple([z.int().min(0).max(4), z.int().min(0).max(4)]).exactOptional(),
  rebs: z.array(reb).min(1).max(3),
});

const readout = z.strictObject({
  sensorType: z.union([z.literal(1), z.literal(2), z.literal(3)]),
  groups: z.int().min(1).max(3),
  group: z.array(z.int().min(0).max(2)).min(1).max(3),
  xor: z.int().min(0).max(0x3ffff),
  channels: z.array(z.array(channel).min(1).max(16)).min(1).max(3),
});

/** Crosstalk is a small fraction of the source: 10 % linear and 1e-6 per unit quadratic are beyond anything physical. */
const crosstalk = z.strictObject({
  name: cardText,
  units: z.enum(['electron', 'adu']),
  source: z.string().min(1),
  linear: z.array(z.number().min(-0.1).max(0.1)).min(1).max(256),
  quadratic: z.array(z.number().min(-1e-6).max(1e-6)).min(1).max(256),
});

const site = z.strictObject({
  longitude: z.number().min(-180).max(180),
  latitude: z.number().min(-90).max(90),
  elevation: z.number().min(-500).max(9000),
  geocentric: z.tuple([z.number(), z.number(), z.number()]),
});

/**
 * Exactly what a camera data file may hold: shapes, ranges and no unknown key; then that its parts agree with each other (consistency.ts).
 * Whatever passes can be used without another check.
 */
export const cameraSchema: z.ZodType<Camera> = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9-]*$/, 'is not a lower-case name'),
    instrument: pathPart,
    instrume: cardText,
    telescope: cardText,
    code: z.string().regex(/^[A-Z]{2}$/),
    site,
    rafts: z.array(raft).min(1).max(25),
    readouts: z.record(key, readout),
    sensorTypes: z.record(key, sensorType),
    crosstalk: z.record(key, crosstalk),
    sources: z.record(z.string(), z.string().min(1)),
  })
  .superRefine((camera, context) => {
    for (const { path, message } of consistencyProblems(camera)) {
      context.addIssue({ code: 'custom', path: [...path], message });
    }
  });
