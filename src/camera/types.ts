/**
 * What the program knows about a camera, all of it data (src/camera/<name>.json, validated by schema.ts).
 * Boxes are 1-based inclusive in FITS axis order; pixels are in readout orientation.
 */

/** One segment in FITS order: HDU number = its index + 1. */
export interface Segment {
  /** EXTNAME, e.g. Segment10. */
  readonly name: string;
  /** Amplifier, e.g. C10. */
  readonly amplifier: string;
  /** e.g. [509:1,1:2000] */
  readonly detsec: string;
  readonly dtv: readonly [number, number];
  /** DTM1_1, DTM2_2; the off-diagonal elements are 0. */
  readonly dtm: readonly [number, number];
  /** PC matrix [11, 12, 21, 22]: zero diagonal in the alternates A, C, R, F (parallel, serial axes), diagonal in E, B, Q (serial, parallel axes). */
  readonly pcParallelSerial: readonly [number, number, number, number];
  readonly pcSerialParallel: readonly [number, number, number, number];
  /** CRVAL1, CRVAL2 of alternate A, and CRVAL1 of alternate C (CRVAL2 of C is dtv[0]). */
  readonly crvalA: readonly [number, number];
  readonly crvalC1: number;
  /** Flips that put the segment into the assembled CCD, and its place there (0-based lower-left corner of its trimmed pixels). */
  readonly flipX: boolean;
  readonly flipY: boolean;
  readonly assembled: readonly [x: number, y: number];
}

/** One type of sensor: everything that its vendor and its readout fix. */
export interface SensorType {
  /** CCD_MANU and CCD_TYPE cards as the camera writes them (a wavefront sensor ITL-4400B has CCD_TYPE 4400). */
  readonly manufacturer: string;
  readonly model: string;
  /** OpFlags register value by which the DAQ tells the vendor: 1 ITL, 2 E2V. */
  readonly opFlags: number;
  readonly columns: number;
  readonly rows: number;
  /** Stored serial prescan columns (UnderCols), imaging columns (ReadCols), serial overscan columns (OverCols), imaging rows (ReadRows), parallel overscan rows (OverRows). */
  readonly underCols: number;
  readonly readCols: number;
  readonly overCols: number;
  readonly readRows: number;
  readonly overRows: number;
  /** 0-based half-open columns of the crosstalk pedestal: the serial overscan from its 6th column. */
  readonly pedestal: readonly [number, number];
  readonly datasec: string;
  /** DETSIZE card: the whole silicon, also for half CCDs. The size of the assembled image follows from the segments. */
  readonly detsize: string;
  /** Raft-frame offsets PX, PY and pitch of CRVAL in alternates R and Q. */
  readonly raftOffset: readonly [number, number];
  readonly raftPitch: number;
  /** Sequencer times in nanoseconds: a frame takes rows * (columns * pixelNs + lineNs). */
  readonly pixelNs: number;
  readonly lineNs: number;
  /** The sequencer that has these times (SEQFILE, SEQNAME and SEQCKSUM cards), where it is known. */
  readonly sequencer?: { readonly file: string; readonly checksum: string };
  readonly segments: readonly Segment[];
}

export interface Amplifier {
  /** e-/adu */
  readonly gain: number;
  /** e- rms */
  readonly readNoise: number;
}

export interface Ccd {
  /** Slot in the raft: S00 ... S22, SG0, SG1, SW0, SW1. */
  readonly sensor: string;
  readonly detector: number;
  /** Key into Camera.sensorTypes. */
  readonly type: string;
  /** LSST_NUM and CCD_SERN; null when not known. */
  readonly lsstNum: string | null;
  readonly serial: string | null;
  /** In FITS order, one per segment; null when not known. */
  readonly amplifiers: readonly Amplifier[] | null;
  /** Key into Camera.crosstalk, or null when no coefficients are known. */
  readonly crosstalk: string | null;
}

/** One readout board: one DAQ source. */
export interface Reb {
  /** DAQ location, e.g. 22/0. */
  readonly location: string;
  /** Board name in captures, e.g. Reb0, RebG, RebW. */
  readonly board: string;
  /** Key into Camera.readouts. */
  readonly readout: string;
  /** REBNAME and CONTNUM (hex); null when not known. */
  readonly name: string | null;
  readonly serial: string | null;
  /** In natural order (Sn0, Sn1, Sn2). */
  readonly ccds: readonly Ccd[];
}

export interface Raft {
  /** e.g. R22 */
  readonly bay: string;
  /** RAFTNAME, e.g. LCA-11021_RTM-031. */
  readonly name: string;
  /** Place in the focal plane that CRVAL of the alternates F and E counts from, where it is not the two digits of the bay. */
  readonly grid?: readonly [number, number];
  readonly rebs: readonly Reb[];
}

/** How a kind of board streams its CCDs (raw-format: packing and order). */
export interface Readout {
  /** DAQ sensor type of SourceMetadata: 3 science, 2 guide, 1 wavefront. */
  readonly sensorType: 1 | 2 | 3;
  /** 36-byte groups per sample. */
  readonly groups: number;
  /** group[i] = the 36-byte group that holds the i-th CCD in natural order. */
  readonly group: readonly number[];
  /** 18-bit mask. */
  readonly xor: number;
  /** Per CCD in natural order: DAQ channel within the group of each segment, FITS order. */
  readonly channels: readonly (readonly number[])[];
}

/** Coefficients [source][target] in FITS order, row-major, with the unit that `units` names. */
export interface CrosstalkTable {
  /** XTALKCAL card, at most 68 characters. */
  readonly name: string;
  readonly units: 'electron' | 'adu';
  readonly source: string;
  readonly linear: readonly number[];
  readonly quadratic: readonly number[];
}

/** One camera: its cards, its boards and CCDs, and how they are read out. */
export interface Camera {
  /** Command-line name: comcam, lsstcam, latiss. */
  readonly name: string;
  /** Folder name below every staging root: LSSTComCam, LSSTCam, LATISS. */
  readonly instrument: string;
  /** INSTRUME and TELESCOP cards, CAMCODE (CC, MC, AT). */
  readonly instrume: string;
  readonly telescope: string;
  readonly code: string;
  /** OBS-LONG, OBS-LAT, OBS-ELEV, OBSGEO-X/Y/Z. */
  readonly site: {
    readonly longitude: number;
    readonly latitude: number;
    readonly elevation: number;
    readonly geocentric: readonly [number, number, number];
  };
  readonly sensorTypes: Readonly<Record<string, SensorType>>;
  readonly readouts: Readonly<Record<string, Readout>>;
  readonly crosstalk: Readonly<Record<string, CrosstalkTable>>;
  readonly rafts: readonly Raft[];
  /** Where each group of values comes from, for people. */
  readonly sources: Readonly<Record<string, string>>;
}
