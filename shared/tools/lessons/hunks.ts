import type { ChangedLine, FileChange } from "./file-changes.ts";

const CONTEXT_LINES = 3;

/** A changed symbol of at most this many lines is shown as a whole. */
const WHOLE_LINES = 30;

/** Fewer lines than this are never omitted: the line that marks the omission would take as much space. */
const LEAST_GAP = 3;

/**
 * Returns the changed lines with their context. Each hunk is under an `@@` line with its symbol; the first one also has
 * `title`. Empty if nothing has changed.
 */
export function hunksOf(lines: ChangedLine[], title: string): string[] {
  const shown = withContext(lines);
  let heading = title;
  let open = false;
  return lines.flatMap(({ sign, text }, index) => {
    if (!shown[index]) {
      open = false;
      return [];
    }
    const printed = (sign + text).trimEnd();
    if (open) return [printed];
    open = true;
    const changed = lines.find((line, at) => at >= index && line.sign !== " ");
    const where = [heading, changed?.path.join(".")].filter(Boolean).join(" ");
    heading = "";
    return [`@@ ${where || "…"} @@`, ...(printed.length > 0 ? [printed] : [])];
  });
}

/** Returns the title of a file's first hunk in a block. `isFirst` is true in the first block that shows the file. */
export function titleOf({ file, was, kind }: FileChange, isFirst: boolean): string {
  if (!isFirst || (kind === "changed" && was === file)) return file;
  return kind === "changed" ? `${file} (was ${was})` : `${file} (${kind})`;
}

/** Returns for each line whether it is shown. */
function withContext(lines: ChangedLine[]): boolean[] {
  const isChanged = lines.map(({ sign, text }) => sign !== " " && text !== "");
  const shown = [...isChanged];
  for (const [first, end] of symbolsIn(lines)) {
    const isShort = lines[first]?.path.length !== 0 && end - first <= WHOLE_LINES;
    if (isShort && isChanged.slice(first, end).includes(true)) shown.fill(true, first, end);
  }
  isChanged.forEach((is, index) => {
    for (const step of is ? [-1, 1] : []) {
      for (let n = 1; n <= CONTEXT_LINES && lines[index + n * step]?.text; n++) {
        shown[index + n * step] = true;
      }
    }
  });
  let above = Number.NEGATIVE_INFINITY;
  shown.forEach((is, index) => {
    if (is && index - above <= LEAST_GAP) shown.fill(true, above, index);
    if (is) above = index;
  });
  const isEdge = (index: number) => !shown[index - 1] || !shown[index + 1];
  return shown.map((is, index) => is && (lines[index]?.text !== "" || !isEdge(index)));
}

/** Returns the start of each run of lines of one symbol, and the start of the next run. */
function symbolsIn(lines: ChangedLine[]): [first: number, end: number][] {
  const paths = lines.map(({ path }) => path.join("."));
  const firsts = [...paths.keys()].filter((index) => paths[index] !== paths[index - 1]);
  return firsts.map((first, n) => [first, firsts[n + 1] ?? lines.length]);
}
