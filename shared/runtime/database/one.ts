/** Returns the only row of a result. Throws if it has none, or several. */
export function one<Row>(rows: Row[]): Row {
  const [row] = rows;
  if (row === undefined || rows.length > 1) {
    throw new Error(`Expected one row, got ${rows.length}`);
  }
  return row;
}
