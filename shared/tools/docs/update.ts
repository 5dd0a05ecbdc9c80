import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { UserError } from "../../runtime/user-error.ts";
import { filesUnder } from "../lessons/files.ts";
import { findLesson, findLessons, lessonBefore, repositoryRoot } from "../lessons/lessons.ts";
import { isAcross } from "../lessons/rewritten.ts";
import { blockSource, hasSource, type Place } from "./block-source.ts";
import { brokenLinks } from "./links.ts";
import { type Block, fillBlocks, parseMarkdown } from "./markdown.ts";
import { normalise } from "./normalise.ts";
import { type Run, runOnce } from "./transcript.ts";

export type FillOptions = {
  /** Write nothing. Default: false. */
  check?: boolean;
  /** Whether to run what `console` blocks show. Default: true. */
  transcripts?: boolean;
  /** The `diff` blocks of the lesson after this one are left as they are. Default: `REWRITTEN_UP_TO`. */
  rewrittenUpTo?: string | undefined;
};

export type DocsOptions = FillOptions & {
  root?: string;
  /** Numbers of lessons, or `readme` for the root's README. Default: every document. */
  lessons?: string[];
};

/** A block that does not hold what its source says. */
export type StaleBlock = {
  /** From the root, with `/`: `lessons/02-simple-queue/README.md`. */
  file: string;
  block: Block;
  expected: string;
};

export type DocsResult = {
  /** What a person has to fix, as `file:line: what is wrong; what to do`. */
  problems: string[];
  /** Blocks that had drifted; filled unless `check` was set. */
  stale: StaleBlock[];
  /** The documents that were written. */
  changed: string[];
  /** How many blocks have a source and were compared with it. */
  blocks: number;
};

/**
 * Fills every block that has a source and checks every relative link, in all Markdown files of the
 * repository. Returns what it wrote and what it cannot fix; throws only for a lesson that does not exist.
 */
export async function updateDocs(options: DocsOptions = {}): Promise<DocsResult> {
  const root = path.resolve(options.root ?? repositoryRoot);
  const run = runOnce();
  const results: DocsResult[] = [];
  // One document after the other: each runs its own story, and a busy machine changes what it prints.
  for (const file of documents(root, options.lessons ?? [])) {
    results.push(await fillDocument(file, placeOf(file, root, run), options));
  }
  return {
    problems: results.flatMap(({ problems }) => problems),
    stale: results.flatMap(({ stale }) => stale),
    changed: results.flatMap(({ changed }) => changed),
    blocks: results.reduce((sum, { blocks }) => sum + blocks, 0),
  };
}

/** Where a document stands: its folder, and the lesson whose folder that is in, if any. */
export function placeOf(file: string, root: string = repositoryRoot, run: Run = runOnce()): Place {
  const lessons = findLessons(root);
  const lesson = lessons.find((each) => file.startsWith(each.path + path.sep));
  const before = lesson && lessonBefore(lesson, lessons);
  return { root, folder: path.dirname(file), lessons, lesson, before, run };
}

/** Fills the blocks of one Markdown file and checks its links; returns what it wrote and what it cannot fix. */
export async function fillDocument(
  file: string,
  place: Place,
  { check = false, transcripts = true, rewrittenUpTo }: FillOptions = {},
): Promise<DocsResult> {
  const name = path.relative(place.root, file).replaceAll(path.sep, "/");
  const result: DocsResult = { problems: [], stale: [], changed: [], blocks: 0 };
  if (!existsSync(file)) {
    return { ...result, problems: [`${name}: there is no such file; write it`] };
  }
  const text = readFileSync(file, "utf8");
  const { tree, blocks, flaws } = parseMarkdown(text);
  const problems = [...flaws, ...brokenLinks(tree, file, place.root)];
  // What changed since the lesson before is filled by `pnpm lesson changes`, part by part.
  const filled = path.basename(file) === "CHANGES.md" ? [] : blocks.filter(hasSource);
  const { lesson, before } = place;
  const isOpen = lesson && before && isAcross(before.number, lesson.number, rewrittenUpTo);
  for (const block of filled) {
    if (block.language === "diff" && isOpen) continue;
    if (block.language === "console" && block.source !== "" && !transcripts) continue;
    result.blocks++;
    const expected = await sourceOf(block, place);
    if (expected instanceof UserError) problems.push({ ...block, message: expected.message });
    else if (!isSame(block, expected)) result.stale.push({ file: name, block, expected });
  }
  problems.sort((a, b) => a.line - b.line);
  result.problems = problems.map(({ line, message }) => `${name}:${line}: ${message}`);
  if (!check && result.stale.length > 0) {
    const fills = result.stale.map(({ block, expected }) => ({ block, text: expected }));
    writeFileSync(file, fillBlocks(text, fills));
    result.changed = [name];
  }
  return result;
}

async function sourceOf(block: Block, place: Place): Promise<string | UserError> {
  try {
    return await blockSource(block, place);
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

/** The documents that are meant, and every README that should exist. */
function documents(root: string, given: string[]): string[] {
  const lessons = findLessons(root);
  const readme = path.join(root, "README.md");
  const files = new Set([
    readme,
    ...lessons.map((lesson) => path.join(lesson.path, "README.md")),
    ...filesUnder(root)
      .filter((file) => file.endsWith(".md"))
      .map((file) => path.join(root, file)),
  ]);
  if (given.length === 0) return [...files];
  const meant = given.map((name) => (name === "readme" ? readme : findLesson(name, lessons).path));
  return [...files].filter((file) =>
    meant.some((place) => file === place || file.startsWith(place + path.sep)),
  );
}

function isSame({ language, text }: Block, expected: string): boolean {
  return language === "console" ? normalise(text) === normalise(expected) : text === expected;
}
