import { diffArrays } from "diff";

export type DiffLine = { sign: " " | "+" | "-"; text: string };

/**
 * Returns the lines of both texts in order: as many common lines as possible, and removed lines before the lines
 * that replace them. We do not use git's diff, whose output depends on the reader's settings and version.
 */
export function diffLines(before: string[], after: string[]): DiffLine[] {
  const lines: DiffLine[] = [];
  let removed: string[] = [];
  let added: string[] = [];
  const flush = () => {
    lines.push(...removed.map((text): DiffLine => ({ sign: "-", text })));
    lines.push(...added.map((text): DiffLine => ({ sign: "+", text })));
    removed = [];
    added = [];
  };
  const chunks = diffArrays(before, after);
  chunks.forEach((chunk, index) => {
    if (chunk.removed) removed.push(...chunk.value);
    else if (chunk.added) added.push(...chunk.value);
    else if (replaces(removed, added) && isBrackets(chunk.value) && index < chunks.length - 1) {
      // A bracket that two rewritten blocks happen to have in common would split one change into fragments.
      removed.push(...chunk.value);
      added.push(...chunk.value);
    } else {
      flush();
      lines.push(...chunk.value.map((text): DiffLine => ({ sign: " ", text })));
    }
  });
  flush();
  return lines;
}

function replaces(removed: string[], added: string[]): boolean {
  return removed.length > 0 && added.length > 0;
}

function isBrackets(lines: string[]): boolean {
  return lines.every((line) => /^\s*[^\w\s]+$/.test(line));
}
