import pc from "picocolors";
import { mark } from "./marks.ts";

export type Span = {
  label: string;
  status: string;
  /** All times are in milliseconds, on any one clock. */
  from: number;
  to: number;
  /** When the span waited, between `from` and `to`. */
  waits: readonly { from: number; to: number }[];
};

const WIDTH = 48;
const MAX_LABEL = 28;

/** Prints one bar per span on a common time scale, for the first `maxRows` spans. Default: 30. */
export function spans(rows: readonly Span[], maxRows = 30): void {
  for (const line of spanLines(rows, maxRows)) console.log(`  ${line}`);
}

/** Returns the lines that `spans` prints, without indentation. */
export function spanLines(rows: readonly Span[], maxRows: number): string[] {
  if (rows.length === 0) return [pc.dim("(nothing has happened yet)")];
  const startMs = Math.min(...rows.map(({ from }) => from));
  const length = Math.max(1, ...rows.map(({ to }) => to - startMs));
  const cell = (ms: number) => Math.min(WIDTH - 1, Math.floor(((ms - startMs) / length) * WIDTH));
  const shown = rows.slice(0, maxRows);
  const width = Math.max(...shown.map(({ label }) => Math.min(MAX_LABEL, label.length)));
  const ruler = `0${`${Math.round(length)} ms`.padStart(WIDTH - 1)}`;
  return [
    `${" ".repeat(width + 4)}${pc.dim(ruler)}`,
    ...shown.map((row) => `${mark(row.status)} ${fit(row.label, width)}  ${bar(row, cell)}`),
    ...(rows.length > maxRows ? [pc.dim(`  … ${rows.length - maxRows} more`)] : []),
  ];
}

function bar({ status, from, to, waits }: Span, cell: (ms: number) => number): string {
  const cells: string[] = Array(cell(from)).fill(" ");
  for (let at = cell(from); at <= cell(to); at += 1) {
    const isWaiting = waits.some((wait) => cell(wait.from) < at && at < cell(wait.to));
    cells.push(isWaiting ? "░" : "█");
  }
  const blocks = cells.join("");
  return status === "failed" ? pc.red(blocks) : pc.cyan(blocks);
}

function fit(label: string, width: number): string {
  return label.length > width ? `${label.slice(0, width - 1)}…` : label.padEnd(width);
}
