import { stripVTControlCharacters } from "node:util";

/**
 * The rows as lines in which the cells of a column stand below each other, two spaces from the next column.
 * `right` has the indexes of the columns that end at the right, as numbers do. Colours take no width.
 */
export function columns(
  rows: readonly (readonly string[])[],
  { right = [] }: { right?: number[] } = {},
): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, width(cell));
    });
  }
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const padding = " ".repeat((widths[column] ?? 0) - width(cell));
        return right.includes(column) ? padding + cell : cell + padding;
      })
      .join("  ")
      .trimEnd(),
  );
}

function width(text: string): number {
  return stripVTControlCharacters(text).length;
}
