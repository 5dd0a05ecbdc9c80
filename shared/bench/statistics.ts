/** The values of one figure across several runs. */
export type Spread = { median: number; least: number; most: number; runs: number };

/** Throws a `RangeError` if there are no values. */
export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError("The spread of no values is undefined");
  return {
    median: percentile(values, 0.5),
    least: Math.min(...values),
    most: Math.max(...values),
    runs: values.length,
  };
}

/**
 * Returns a percentile, interpolated between two values: `percentile([1, 2], 0.5)` is 1.5. Throws a `RangeError` if
 * there are no values.
 */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError("The percentile of no values is undefined");
  const sorted = [...values].sort((a, b) => a - b);
  const rank = share * (sorted.length - 1);
  const below = sorted[Math.floor(rank)] as number;
  const above = sorted[Math.ceil(rank)] as number;
  return below + (above - below) * (rank - Math.floor(rank));
}
