import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { UserError } from "../../runtime/user-error.ts";
import {
  findLesson,
  findLessons,
  type Lesson,
  lessonBefore,
  repositoryRoot,
} from "../lessons/lessons.ts";
import { blockSource, hasSource, type Place } from "./block-source.ts";
import { brokenLinks } from "./links.ts";
import { type Block, fillBlocks, parseMarkdown } from "./markdown.ts";
import { normalise } from "./normalise.ts";
import { runOnce } from "./transcript.ts";

export type DocsOptions = {
  root?: string;
  /** Write nothing. */
  check?: boolean;
  /** Numbers of lessons, or `readme` for the root's; all if empty. */
  lessons?: string[];
  /** Whether to run what `console` blocks show; true if not given. */
  transcripts?: boolean;
  /** What some commands have just printed, by the command as the reader types it: these are not run. */
  known?: Map<string, string>;
};

/** A block that does not hold what its source says. */
export type StaleBlock = {
  /** From the root, with `/`: `lessons/02-simple-queue/README.md`. */
  readme: string;
  line: number;
  /** Its info string: `ts engine/worker.ts#Worker`. */
  source: string;
  document: string;
  expected: string;
};

export type DocsResult = {
  /** What a person must mend, as `README:line: what is wrong; what to do`. */
  problems: string[];
  /** Drifted blocks: mended unless `check` was set. */
  stale: StaleBlock[];
  /** The READMEs that were written. */
  changed: string[];
  /** How many blocks have a source and were compared with it. */
  blocks: number;
};

/**
 * Fills every block that has a source, and checks every relative link, in the root README and those of
 * the lessons. Writes what it can and reports the rest; throws only for a lesson that does not exist.
 */
export async function updateDocs(options: DocsOptions = {}): Promise<DocsResult> {
  const root = path.resolve(options.root ?? repositoryRoot);
  const result: DocsResult = { problems: [], stale: [], changed: [], blocks: 0 };
  const run = runOnce(options.known);
  const lessons = findLessons(root);
  // One lesson after the other: each runs its own story, and a busy machine changes what it prints.
  for (const lesson of chosen(options.lessons ?? [], lessons)) {
    const before = lesson && lessonBefore(lesson, lessons);
    const folder = lesson?.path ?? root;
    await updateReadme({ root, folder, lessons, lesson, before, run }, options, result);
  }
  return result;
}

/** The lessons whose READMEs are meant; undefined stands for the root's. */
function chosen(given: string[], lessons: Lesson[]): (Lesson | undefined)[] {
  if (given.length === 0) return [undefined, ...lessons];
  return given.map((name) => (name === "readme" ? undefined : findLesson(name, lessons)));
}

async function updateReadme(
  place: Place,
  { check = false, transcripts = true }: DocsOptions,
  result: DocsResult,
): Promise<void> {
  const file = path.join(place.folder, "README.md");
  const readme = path.relative(place.root, file).replaceAll(path.sep, "/");
  if (!existsSync(file)) {
    result.problems.push(`${readme}: there is no such file; write it`);
    return;
  }
  const text = readFileSync(file, "utf8");
  const document = parseMarkdown(text);
  const fills: { block: Block; text: string }[] = [];

  for (const block of document.blocks) {
    if (block.flaw) result.problems.push(`${readme}:${block.line}: this block ${block.flaw}`);
    if (block.flaw || !hasSource(block)) continue;
    if (block.language === "console" && block.source !== "" && !transcripts) continue;
    result.blocks++;
    try {
      const expected = await blockSource(block, place);
      if (isSame(block, expected)) continue;
      fills.push({ block, text: expected });
      result.stale.push({
        readme,
        line: block.line,
        source: `${block.language} ${block.source}`,
        document: block.text,
        expected,
      });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      result.problems.push(`${readme}:${block.line}: ${error.message}`);
    }
  }
  for (const { line, message } of brokenLinks(document, file, place.root)) {
    result.problems.push(`${readme}:${line}: ${message}`);
  }
  if (check || fills.length === 0) return;
  writeFileSync(file, fillBlocks(text, fills));
  result.changed.push(readme);
}

function isSame({ language, text }: Block, expected: string): boolean {
  return language === "console" ? normalise(text) === normalise(expected) : text === expected;
}
