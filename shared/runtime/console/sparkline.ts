const HEIGHTS = " ▁▂▃▄▅▆▇█";

/**
 * One character per level, as high as the level is; a full block means `full` or more, and nothing but
 * 0 is blank.
 */
export function sparkline(levels: readonly number[], full: number): string {
  return levels.map((level) => HEIGHTS[height(level / full)]).join("");
}

function height(share: number): number {
  if (share <= 0) return 0;
  return Math.min(Math.max(Math.floor(share * 8), 1), 8);
}
