const HEIGHTS = " ▁▂▃▄▅▆▇█";

/**
 * Returns one block character per level, with a height proportional to the level. Levels of `full` and above are a full
 * block; only levels of 0 and below are blank.
 */
export function sparkline(levels: readonly number[], full: number): string {
  return levels.map((level) => HEIGHTS[height(level / full)]).join("");
}

function height(share: number): number {
  if (share <= 0) return 0;
  return Math.min(Math.max(Math.floor(share * 8), 1), 8);
}
