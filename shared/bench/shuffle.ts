import { randomFrom } from "../testing/random.ts";

/** Returns the same items in an order that depends only on the seed. */
export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const { below } = randomFrom(seed);
  const left = [...items];
  return items.map(() => left.splice(below(left.length), 1)[0] as T);
}
