import pc from "picocolors";
import { columns } from "./columns.ts";

/** Prints rows as a table whose columns are the keys of the first row, or "(no rows)". */
export function table(rows: readonly object[]): void {
  for (const line of tableLines(rows)) console.log(`  ${line}`);
}

/** Returns the lines of a table, without indentation. */
export function tableLines(rows: readonly object[]): string[] {
  const [first] = rows;
  if (!first) return [pc.dim("(no rows)")];
  const names = Object.keys(first);
  const cells = [names, ...rows.map((row) => names.map((name) => show(row, name)))];
  const [header = "", ...body] = columns(cells);
  return [pc.dim(header), ...body];
}

function show(row: object, column: string): string {
  const value = (row as Record<string, unknown>)[column];
  if (value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
