import { type DiffLine, diffLines } from "../docs/line-diff.ts";
import { type Piece, piecesOf } from "../docs/symbols.ts";
import { lessonFiles, readText } from "./files.ts";
import type { Lesson } from "./lessons.ts";

export type FileChange = {
  /** Relative to the lesson's folder: `engine/worker.ts`. */
  file: string;
  /** What it was called in the lesson before, mostly the same. */
  was: string;
  kind: "new" | "deleted" | "changed";
  lines: ChangedLine[];
};

/** A line of a file in two versions. */
export type ChangedLine = DiffLine & {
  /** The symbols it stands in, from the outside in: `["Worker", "tick"]`; empty for an import. */
  path: string[];
  /** Its number in the version that has it; in the newer one if both do. */
  number: number;
};

/** What a file was called in the lesson before, if that was something else. */
export type Rename = { file: string; from: string | undefined };

/**
 * How these files of two lessons differ, in reading order, and each symbol by symbol: one that only moved has not
 * changed. How lines end is no difference.
 */
export function changesBetween(
  before: Lesson,
  after: Lesson,
  isWanted: (file: string) => boolean,
  renames: Rename[] = [],
): FileChange[] {
  const renamed = renames.filter(
    ({ file, from }) => from && !readText(before, file) && !readText(after, from),
  );
  return lessonFiles(before, after)
    .filter((file) => isWanted(file) && !renamed.some(({ from }) => from === file))
    .map((file) => {
      const was = renamed.find((rename) => rename.file === file)?.from ?? file;
      const older = readText(before, was);
      const newer = readText(after, file);
      const kind = older === undefined ? "new" : newer === undefined ? "deleted" : "changed";
      return { file, was, kind, lines: compare(treeOf(was, older), treeOf(file, newer)) } as const;
    })
    .filter(({ lines }) => lines.some(({ sign }) => sign !== " "));
}

/** A file or a symbol: its own lines, and its members in their places. */
type Tree = { key: string; isBelowEmpty: boolean; path: string[]; items: Item[] };
type Item = Tree | { key: string; isBelowEmpty: boolean; number: number };

function treeOf(file: string, source = ""): Tree {
  const lines = source === "" ? [] : source.trimEnd().split("\n");
  const lineAt = (offset: number) => source.slice(0, offset).split("\n").length - 1;

  function build(pieces: Piece[], path: string[], from: number, to: number): Item[] {
    const items: Item[] = [];
    let next = from;
    const isBelowEmpty = () => next > from && lines[next - 1] === "";
    const readTo = (end: number) => {
      for (; next < end; next++) {
        items.push({ key: lines[next] ?? "", number: next + 1, isBelowEmpty: isBelowEmpty() });
      }
    };
    for (const { names, start, end, members } of pieces) {
      const first = lineAt(start);
      const last = lineAt(end);
      // What shares a line with something else cannot be told from it.
      if (first < next || last >= to || (path.length > 0 && first === from)) continue;
      readTo(first);
      const own = [...path, names[0] ?? ""];
      const inside = build(members, own, first, last + 1);
      items.push({ ...symbol(own, items), items: inside, isBelowEmpty: isBelowEmpty() });
      next = last + 1;
    }
    readTo(to);
    return items;
  }

  const items = build(piecesOf(file, source), [], 0, lines.length);
  return { key: "", isBelowEmpty: false, path: [], items };
}

/** The second symbol of a name, such as a type beside its function, has a key of its own. */
function symbol(path: string[], siblings: Item[]): { key: string; path: string[] } {
  const name = path.at(-1);
  const same = siblings.filter((item) => isTree(item) && item.path.at(-1) === name).length;
  return { key: `\0${name} ${same}`, path };
}

function compare(older: Tree | undefined, newer: Tree | undefined): ChangedLine[] {
  const hasSymbols = [...(older?.items ?? []), ...(newer?.items ?? [])].some(isTree);
  // Symbols come and go with the empty lines above them, which are no change of their own.
  const isCompared = ({ key }: Item) => key !== "" || !hasSymbols;
  const olds = older?.items.filter(isCompared) ?? [];
  const news = newer?.items.filter(isCompared) ?? [];
  const path = (newer ?? older)?.path ?? [];
  const result: ChangedLine[] = [];

  let i = 0;
  let j = 0;
  for (const { sign } of diffLines(keys(olds), keys(news))) {
    const was = sign === "+" ? undefined : olds[i++];
    const is = sign === "-" ? undefined : news[j++];
    const item = is ?? (was as Item);
    let lines: ChangedLine[] = [];
    if (!isTree(item)) lines = [{ sign, text: item.key, path, number: item.number }];
    else if (is) lines = compare(twinOf(item, olds), item);
    else if (!twinOf(item, news)) lines = compare(item, undefined);
    const [first] = lines;
    if (first && item.isBelowEmpty && hasSymbols) {
      const isOne = lines.every((line) => line.sign === first.sign);
      const empty = { text: "", path: first.path, number: first.number - 1 };
      result.push({ ...empty, sign: isOne ? first.sign : " " });
    }
    result.push(...lines);
  }
  return result;
}

/** The symbol of the same name, wherever it stands among these. */
function twinOf(item: Item, others: Item[]): Tree | undefined {
  return isTree(item) ? others.filter(isTree).find(({ key }) => key === item.key) : undefined;
}

function keys(items: Item[]): string[] {
  return items.map(({ key }) => key);
}

function isTree(item: Item): item is Tree {
  return "items" in item;
}
