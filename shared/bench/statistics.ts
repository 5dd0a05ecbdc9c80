/** Of several runs. */
export type Spread = { median: number; least: number; most: number; runs: number };

export function spreadOf(values: readonly number[]): Spread {
  if (values.length === 0) throw new RangeError("There is no spread of no values");
  return {
    median: percentile(values, 0.5),
    least: Math.min(...values),
    most: Math.max(...values),
    runs: values.length,
  };
}

/** Between two values it is as far from each as `share` says: of 1 and 2, the half is 1.5. */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new RangeError("There is no percentile of no values");
  const sorted = [...values].sort((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] as number;
  const above = sorted[Math.ceil(place)] as number;
  return below + (above - below) * (place - Math.floor(place));
}
