/** Returns `value`, or throws a `RangeError` that names the option and the values it may have. */
export function wholeNumber(option: string, value: number, from: number, to: number): number {
  if (Number.isInteger(value) && value >= from && value <= to) return value;
  throw new RangeError(`${option} is ${value}; it must be a whole number from ${from} to ${to}`);
}
