import { type Block, fillBlocks, parseMarkdown } from "../docs/markdown.ts";
import { splitSymbols } from "../docs/symbols.ts";
import { linesAt, type Name, nameOf, ownersOf, wordsOf } from "./attribution.ts";
import { changesBetween, type FileChange } from "./file-changes.ts";
import { isTaught, readText } from "./files.ts";
import { hunksOf, titleOf } from "./hunks.ts";
import type { Lesson } from "./lessons.ts";

export type Parts = {
  /** `CHANGES.md` with its blocks filled. */
  text: string;
  /** The same text, part by part. */
  parts: Part[];
  /** The errors that the author must fix, as `lessons/03-…/CHANGES.md:7: what is wrong; what to do`. */
  problems: string[];
};

export type Part = {
  /** `Part 1 · Slots`. */
  title: string;
  /** The whole text, including the heading. */
  text: string;
};

/** A block and its names: `engine/worker.ts#Worker.tick`, or `engine/new.ts from engine/old.ts`. */
type Source = { block: Block; file: string; symbols: string[]; from: string | undefined };

type Mention = Name & { block: Block };

/** Reads a lesson's `CHANGES.md`, or drafts one with a single part, and fills its blocks. */
export function readParts(before: Lesson, after: Lesson): Parts {
  const given = readText(after, "CHANGES.md") ?? draft(before, after);
  const here = `lessons/${after.folder}/CHANGES.md`;
  const sources = sourcesIn(given);
  const problems: string[] = [];
  const filled = new Map(sources.map(({ block }): [Block, string[]] => [block, []]));

  const changes = changesBetween(before, after, isTaught, sources);
  for (const change of changes) {
    const { lines } = change;
    const mentions = mentionsOf(change, sources);
    const owners = ownersOf(lines, mentions);
    mentions.forEach((mention, index) => {
      const { block } = mention;
      const content = filled.get(block) ?? [];
      const title = content.length === 0 ? titleOf(change, block === mentions[0]?.block) : "";
      content.push(...hunksOf(linesAt(lines, owners, mention, index), title));
      for (const name of idleNames(change, owners, mention, index)) {
        problems.push(`${here}:${block.line}: no changed line is left for ${name}; remove it`);
      }
    });
    problems.push(...unowned(change, owners, before, after));
  }
  for (const { block, file } of sources) {
    if (changes.some((change) => change.file === file)) continue;
    problems.push(`${here}:${block.line}: "${block.source}" has not changed; remove it`);
  }
  const fills = [...filled].map(([block, content]) => ({ block, text: content.join("\n") }));
  const text = fillBlocks(given, fills);
  const parts = partsOf(text);
  return { text, parts, problems: [...headingProblems(parts, here), ...problems] };
}

function sourcesIn(text: string): Source[] {
  const blocks = parseMarkdown(text).blocks.filter(({ language }) => language === "diff");
  return blocks.map((block) => {
    const [, file = "", symbols, from] =
      /^([^#\s]*)(?:#(.*?))?(?: from (\S+))?$/.exec(block.source) ?? [];
    return { block, file, symbols: symbols ? splitSymbols(symbols) : [], from };
  });
}

/** Returns the names of the blocks in a file. Lines outside of all symbols belong to the whole file, or to the first block. */
function mentionsOf({ file, lines }: FileChange, sources: Source[]): Mention[] {
  const mentions: Mention[] = [];
  const own = sources.filter((source) => source.file === file);
  const isWhole = own.some(({ symbols }) => symbols.length === 0);
  if (own[0] && !isWhole)
    mentions.push({ symbol: [], words: [], isOutside: true, block: own[0].block });
  for (const { block, symbols } of own) {
    if (symbols.length === 0) mentions.push({ symbol: [], words: [], isOutside: false, block });
    for (const symbol of symbols) {
      const name = nameOf(symbol, lines);
      const last = mentions.at(-1);
      // Several words of one symbol are shown together.
      const isMore = last?.block === block && last.words.length > 0 && name.words.length > 0;
      if (isMore && last.symbol.join() === name.symbol.join()) last.words.push(...name.words);
      else mentions.push({ ...name, block });
    }
  }
  return mentions;
}

/** Returns the names of a mention that match no line, because the lines have not changed or belong to other names. */
function idleNames(
  { file, lines }: FileChange,
  owners: (number | undefined)[],
  { symbol, words, isOutside }: Mention,
  index: number,
): string[] {
  const own = lines.filter((_, at) => owners[at] === index);
  const idle = words.filter((word) => !own.some((line) => wordsOf(line).includes(word)));
  if (words.length > 0) return idle.map((word) => nameIn(file, [...symbol, word]));
  return own.length > 0 || isOutside ? [] : [nameIn(file, symbol)];
}

/** Returns an error for the first changed line of each symbol that belongs to no name. */
function unowned(
  { file, was, lines }: FileChange,
  owners: (number | undefined)[],
  before: Lesson,
  after: Lesson,
): string[] {
  const problems = new Map<string, string>();
  lines.forEach(({ sign, text, path, number }, index) => {
    const name = nameIn(file, path);
    if (sign === " " || text === "" || owners[index] !== undefined || problems.has(name)) return;
    const where = sign === "+" ? `${after.folder}/${file}` : `${before.folder}/${was}`;
    problems.set(
      name,
      `lessons/${where}:${number}: this change is in no part; name ${name} in CHANGES.md`,
    );
  });
  return [...problems.values()];
}

function nameIn(file: string, symbol: string[]): string {
  return symbol.length === 0 ? file : `${file}#${symbol.join(".")}`;
}

function partsOf(text: string): Part[] {
  const sections = text.split(/^(?=## |# )/m).filter((section) => /^(?:## |```)/m.test(section));
  return sections.map((section) => ({ title: /^## (.*)/.exec(section)?.[1] ?? "", text: section }));
}

function headingProblems(parts: Part[], here: string): string[] {
  return parts.flatMap(({ title, text }, index) => {
    const number = index + 1;
    const [line = "", first = ""] = text.split("\n").filter((each) => each.trim() !== "");
    if (!new RegExp(`^Part ${number} · \\S`).test(title)) {
      return [`${here}: "${line}" must be "## Part ${number} · ", followed by the part's idea`];
    }
    if (first !== "" && !first.startsWith("```")) return [];
    return [`${here}: part ${number} has no text; write two or three sentences about its purpose`];
  });
}

function draft(before: Lesson, after: Lesson): string {
  const files = changesBetween(before, after, isTaught).map(
    ({ file }) => `\`\`\`diff ${file}\n\`\`\`\n`,
  );
  const name = after.folder.slice(after.number.length + 1).replaceAll("-", " ");
  const title = name.charAt(0).toUpperCase() + name.slice(1);
  const heading = `# ${after.number} · ${title}: what changes\n\n## Part 1 · ${title}\n`;
  return [heading, ...files].join("\n");
}
