/** How the samples of one CCD stand in the stream. Derived from camera data (camera/geometry.ts). */
export interface CcdLayout {
  /** Which 36-byte group of the sample holds this CCD (0-based). */
  readonly group: number;
  /** channel[f] = DAQ channel (0..15 within the group) of the f-th segment in FITS order; its length is the number of segments. */
  readonly channels: readonly number[];
  /** Linear and quadratic coefficients in adu, row-major [source][target] in FITS order, (number of segments)^2 each. Absent: no corrected product. */
  readonly crosstalk?: { readonly linear: Float32Array; readonly quadratic: Float32Array };
}

export interface SourceLayout {
  /** 36-byte groups in a sample (1 to 3). */
  readonly groups: number;
  /** Samples in a row (NAXIS1, 1 to 2048) and rows (NAXIS2, 1 to 16384) of every segment. */
  readonly columns: number;
  readonly rows: number;
  /** 18-bit mask: FITS value = raw XOR mask. */
  readonly xor: number;
  /** 0-based, half-open range of the columns that give the pedestal P of the crosstalk correction. */
  readonly pedestal: readonly [first: number, end: number];
  readonly ccds: readonly CcdLayout[];
}
