import { type DiffLine, diffLines } from "../docs/line-diff.ts";
import { type Piece, piecesOf } from "../docs/symbols.ts";
import { lessonFiles, readText } from "./files.ts";
import type { Lesson } from "./lessons.ts";

export type FileChange = {
  /** Relative to the lesson's folder: `engine/worker.ts`. */
  file: string;
  /** Its path in the lesson before, usually the same. */
  was: string;
  kind: "new" | "deleted" | "changed";
  lines: ChangedLine[];
};

/** A line of a file in two versions. */
export type ChangedLine = DiffLine & {
  /** The symbols that contain it, outermost first: `["Worker", "tick"]`; empty for an import. */
  path: string[];
  /** Its line number in the version that has it, or in the newer one if both have it. */
  number: number;
};

/** The former path of a renamed file; undefined for other files. */
export type Rename = { file: string; from: string | undefined };

/**
 * Returns the differences between these files of two lessons, in reading order, and symbol by symbol: a symbol that was only
 * moved has not changed. Line endings are ignored.
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

/** A file or a symbol: its own lines, with its members in place. */
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
      // A symbol that shares a line with another one cannot be separated from it.
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

/** A second symbol with the same name, such as a type beside its function, has a separate key. */
function symbol(path: string[], siblings: Item[]): { key: string; path: string[] } {
  const name = path.at(-1);
  const same = siblings.filter((item) => isTree(item) && item.path.at(-1) === name).length;
  return { key: `\0${name} ${same}`, path };
}

function compare(older: Tree | undefined, newer: Tree | undefined): ChangedLine[] {
  const hasSymbols = [...(older?.items ?? []), ...(newer?.items ?? [])].some(isTree);
  // The blank lines above a symbol are added and removed with it, and are not changes by themselves.
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

/** Returns the symbol with the same name, wherever it is in this list. */
function twinOf(item: Item, others: Item[]): Tree | undefined {
  return isTree(item) ? others.filter(isTree).find(({ key }) => key === item.key) : undefined;
}

function keys(items: Item[]): string[] {
  return items.map(({ key }) => key);
}

function isTree(item: Item): item is Tree {
  return "items" in item;
}
