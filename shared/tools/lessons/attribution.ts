import type { ChangedLine } from "./file-changes.ts";

/** A name in a block of `CHANGES.md`, within one file. */
export type Name = {
  /** `["Worker", "tick"]`; empty for the whole file. */
  symbol: string[];
  /** Only the symbol's lines that contain one of these words; all lines if empty. */
  words: string[];
  /** Only lines outside of all symbols, such as imports. */
  isOutside: boolean;
};

/** What `Worker.tick`, `tasks.fence` or `fence` names in these lines. */
export function nameOf(text: string, lines: ChangedLine[]): Name {
  const path = text.split(".");
  if (lines.some((line) => startsWith(line.path, path))) {
    return { symbol: path, words: [], isOutside: false };
  }
  const symbol = path.slice(0, -1);
  return { symbol, words: path.slice(-1), isOutside: symbol.length === 0 };
}

/**
 * Returns for each line the index of the name that it belongs to: the most precise one, or the first of equally precise
 * ones. Undefined for a line that has not changed or that belongs to no name.
 */
export function ownersOf(lines: ChangedLine[], names: Name[]): (number | undefined)[] {
  const owners: (number | undefined)[] = [];
  const goesDown: boolean[] = [];
  for (let index = lines.length - 1; index >= 0; index--) {
    const line = lines[index] as ChangedLine;
    const below = lines[index + 1];
    // A comment belongs to the code below it.
    goesDown[index] =
      isComment(line) &&
      below?.sign === line.sign &&
      samePath(below, line) &&
      (!isComment(below) || goesDown[index + 1] === true);
    owners[index] = goesDown[index] ? owners[index + 1] : ownerOf(line, names);
  }
  pairReplaced(lines, owners);
  return owners;
}

/** Returns the diff for one of the names: its own changes, applied to the file after the changes of all earlier names. */
export function linesAt(
  lines: ChangedLine[],
  owners: (number | undefined)[],
  { symbol, isOutside }: Name,
  index: number,
): ChangedLine[] {
  return lines.flatMap((line, at): ChangedLine[] => {
    const owner = owners[at] ?? Number.POSITIVE_INFINITY;
    if (!startsWith(line.path, symbol) || (isOutside && line.path.length > 0)) return [];
    if (line.sign === " " || owner === index) return [line];
    const isThere = line.sign === "+" ? owner < index : owner > index;
    return isThere ? [{ ...line, sign: " " }] : [];
  });
}

/** Returns the words of a line: a name matches whole words only. */
export function wordsOf({ text }: ChangedLine): string[] {
  return text.match(/[\w#]+/g) ?? [];
}

function ownerOf(line: ChangedLine, names: Name[]): number | undefined {
  if (line.sign === " ") return undefined;
  const precision = names.map((name) => precisionOf(line, name));
  const best = Math.max(...precision);
  return best >= 0 ? precision.indexOf(best) : undefined;
}

function precisionOf(line: ChangedLine, { symbol, words, isOutside }: Name): number {
  if (!startsWith(line.path, symbol) || (isOutside && line.path.length > 0)) return -1;
  if (words.length === 0) return 2 * symbol.length;
  return wordsOf(line).some((word) => words.includes(word)) ? 2 * symbol.length + 1 : -1;
}

/** A removed line belongs where its replacement belongs, which is the added line with the most words in common. */
function pairReplaced(lines: ChangedLine[], owners: (number | undefined)[]): void {
  lines.forEach((line, index) => {
    if (line.sign !== "-") return;
    let most = 0;
    let at = index + 1;
    while (lines[at]?.sign === "-") at++;
    for (let added = lines[at]; added?.sign === "+"; added = lines[++at]) {
      const words = wordsOf(added);
      const common = wordsOf(line).filter((word) => words.includes(word)).length;
      if (common <= most || !samePath(added, line)) continue;
      most = common;
      owners[index] = owners[at];
    }
  });
}

function startsWith(path: string[], start: string[]): boolean {
  return start.every((name, index) => path[index] === name);
}

function samePath(a: ChangedLine, b: ChangedLine): boolean {
  return a.path.length === b.path.length && startsWith(a.path, b.path);
}

function isComment({ text }: ChangedLine): boolean {
  return /^\s*(?:--|\/\/|\/?\*|$)/.test(text);
}
