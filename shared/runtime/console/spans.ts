import pc from "picocolors";
import { mark } from "./marks.ts";

export type Span = {
  label: string;
  status: string;
  /** In milliseconds, as everything here. */
  from: number;
  to: number;
  /** When it waited in between. */
  waits: readonly { from: number; to: number }[];
};

const WIDTH = 48;
const LABEL = 28;

/** Prints what happened when: a bar for each, on one scale of time; of many the first `most`. */
export function spans(rows: readonly Span[], most = 30): void {
  for (const line of spanLines(rows, most)) console.log(`  ${line}`);
}

/** The lines of that, without the indent. */
export function spanLines(rows: readonly Span[], most: number): string[] {
  if (rows.length === 0) return [pc.dim("(nothing has happened yet)")];
  const begin = Math.min(...rows.map(({ from }) => from));
  const length = Math.max(1, ...rows.map(({ to }) => to - begin));
  const cell = (ms: number) => Math.min(WIDTH - 1, Math.floor(((ms - begin) / length) * WIDTH));
  const shown = rows.slice(0, most);
  const width = Math.max(...shown.map(({ label }) => Math.min(LABEL, label.length)));
  const ruler = `0${`${Math.round(length)} ms`.padStart(WIDTH - 1)}`;
  return [
    `${" ".repeat(width + 4)}${pc.dim(ruler)}`,
    ...shown.map((row) => `${mark(row.status)} ${fitted(row.label, width)}  ${bar(row, cell)}`),
    ...(rows.length > most ? [pc.dim(`  … ${rows.length - most} more`)] : []),
  ];
}

function bar({ status, from, to, waits }: Span, cell: (ms: number) => number): string {
  const cells: string[] = Array(cell(from)).fill(" ");
  for (let at = cell(from); at <= cell(to); at += 1) {
    const isWaiting = waits.some((wait) => cell(wait.from) < at && at < cell(wait.to));
    cells.push(isWaiting ? "░" : "█");
  }
  const text = cells.join("");
  return status === "failed" ? pc.red(text) : pc.cyan(text);
}

function fitted(label: string, width: number): string {
  return label.length > width ? `${label.slice(0, width - 1)}…` : label.padEnd(width);
}
