import colors from "picocolors";
import { type DiffLine, diffLines } from "./line-diff.ts";
import type { DocsResult, StaleBlock } from "./update.ts";

const CONTEXT_LINES = 2;
const MOST_LINES = 40;

/** Returns the command's output: out-of-date blocks or written files, then problems, then what to do. */
export function report({ problems, stale, changed, blocks }: DocsResult, check: boolean): string {
  const lines = check
    ? problemsOf({ problems, stale })
    : [
        ...stale.map((block) => `${titleOf(block)} was filled`),
        ...problems.map((problem) => colors.red(problem)),
      ];
  if (check && stale.length > 0) lines.push("run pnpm lesson docs");
  else if (changed.length > 0) lines.push(`wrote ${changed.join(", ")}`);
  else if (problems.length === 0) lines.push(`${blocks} blocks match their sources`);
  return lines.join("\n");
}

/** Returns a text for each block that is out of date, and for each problem. */
export function problemsOf({ problems, stale }: Pick<DocsResult, "problems" | "stale">): string[] {
  return [...stale.map(staleLines), ...problems.map((problem) => colors.red(problem))];
}

function staleLines(stale: StaleBlock): string {
  const changes = aroundChanges(diffLines(split(stale.block.text), split(stale.expected)));
  const shown = changes.slice(0, MOST_LINES).map(coloured);
  const hidden = changes.length - shown.length;
  if (hidden > 0) shown.push(`  … ${hidden} more lines`);
  return [`${titleOf(stale)} is out of date (- document, + source)`, ...shown].join("\n");
}

function titleOf({ file, block }: StaleBlock): string {
  return `${file}:${block.line}: ${block.language} ${block.source}`;
}

/** Returns the changed lines with a few lines of context. */
function aroundChanges(lines: DiffLine[]): DiffLine[] {
  return lines.filter((_, index) =>
    lines
      .slice(Math.max(0, index - CONTEXT_LINES), index + CONTEXT_LINES + 1)
      .some(({ sign }) => sign !== " "),
  );
}

function coloured({ sign, text }: DiffLine): string {
  const line = `  ${sign}${text}`.trimEnd();
  if (sign === " ") return line;
  return sign === "+" ? colors.green(line) : colors.red(line);
}

function split(text: string): string[] {
  return text === "" ? [] : text.split("\n");
}
