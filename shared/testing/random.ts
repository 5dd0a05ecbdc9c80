/** Random choices that depend only on a seed. */
export type Random = {
  /** Returns a whole number from 0 to `limit - 1`. */
  below(limit: number): number;
  among<T>(choices: readonly T[]): T;
  /** Returns true with this probability, from 0 to 1. */
  chance(probability: number): boolean;
};

/** Returns a generator of random choices. The same seed gives the same choices. */
export function randomFrom(seed: number): Random {
  const next = mulberry32(seed);
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    among: <T>(choices: readonly T[]) => choices[below(choices.length)] as T,
    chance: (probability) => next() < probability,
  };
}

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), 1 | state);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}
