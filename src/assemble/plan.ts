/** A band: whole rows of one source and the bytes that hold them. */
export interface Band {
  readonly firstRow: number;
  readonly rowCount: number;
  readonly offset: number;
  readonly length: number;
}

/** The bands of a source of `rows` rows, rowBytes each; the last one may be shorter. Bands are the unit of pulling, compression and retry. */
export function planBands(rows: number, rowBytes: number, bandRows: number): Band[] {
  const bands: Band[] = [];
  for (let firstRow = 0; firstRow < rows; firstRow += bandRows) {
    const rowCount = Math.min(bandRows, rows - firstRow);
    bands.push({ firstRow, rowCount, offset: firstRow * rowBytes, length: rowCount * rowBytes });
  }
  return bands;
}
