import { stripVTControlCharacters } from "node:util";
import pc from "picocolors";

/** Prints rows as a table whose columns are the keys of the first row, or "(no rows)". */
export function table(rows: readonly object[]): void {
  for (const line of tableLines(rows)) console.log(`  ${line}`);
}

/** Returns the lines of a table, without indentation. */
export function tableLines(rows: readonly object[]): string[] {
  const [first] = rows;
  if (!first) return [pc.dim("(no rows)")];
  const columns = Object.keys(first);
  const cells = [columns, ...rows.map((row) => columns.map((column) => show(row, column)))];
  const widths = columns.map((_, index) =>
    Math.max(...cells.map((row) => width(row[index] ?? ""))),
  );
  const lines = cells.map((row) =>
    row.map((cell, index) => cell + " ".repeat((widths[index] ?? 0) - width(cell))).join("  "),
  );
  const [header = "", ...body] = lines.map((line) => line.trimEnd());
  return [pc.dim(header), ...body];
}

function show(row: object, column: string): string {
  const value = (row as Record<string, unknown>)[column];
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function width(text: string): number {
  return stripVTControlCharacters(text).length;
}
