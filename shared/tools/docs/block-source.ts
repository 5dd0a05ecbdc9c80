import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { UserError } from "../../runtime/user-error.ts";
import type { Lesson } from "../lessons/lessons.ts";
import { diffLines } from "./line-diff.ts";
import type { Block } from "./markdown.ts";
import { splitSymbols, symbolsOf } from "./symbols.ts";
import { type Run, transcript } from "./transcript.ts";

/** The place of a README, and how to run the commands that it shows. */
export type Place = {
  root: string;
  /** The README's folder. */
  folder: string;
  lessons: Lesson[];
  /** The README's lesson, and the lesson before. */
  lesson?: Lesson | undefined;
  before?: Lesson | undefined;
  run: Run;
};

type Source = { file: string; symbols: string[] };

const EXAMPLES: Record<string, string> = {
  ts: "engine/worker.ts#Worker",
  sql: "sql/queries.sql#claimTasks",
  diff: "sql/schema.sql#tasks",
  console: "start#A heading that main.ts prints",
};

/** Blocks with these other names of the languages would not be checked. */
const ALIASES: Record<string, string> = {
  typescript: "ts",
  tsx: "ts",
  js: "ts",
  javascript: "ts",
  pgsql: "sql",
  postgresql: "sql",
  plpgsql: "sql",
  patch: "diff",
  "shell-session": "console",
  shellsession: "console",
};

/** Returns true if the block's text is taken from a source. */
export function hasSource({ language }: Block): boolean {
  return Object.hasOwn(EXAMPLES, language) || Object.hasOwn(ALIASES, language);
}

/** Returns the text that the block must have. Throws a `UserError` if its source does not exist. */
export async function blockSource(block: Block, place: Place): Promise<string> {
  const { language, source } = block;
  const alias = Object.hasOwn(ALIASES, language) ? ALIASES[language] : undefined;
  if (alias !== undefined) {
    throw new UserError(`a ${language} block is not checked; call it ${alias} and name its source`);
  }
  if (source === "") {
    const example = `\`\`\`${language} ${EXAMPLES[language]}`;
    throw new UserError(`a ${language} block has no source; name one: ${example}`);
  }
  if (language === "console") return transcript(source, place);
  return language === "diff" ? lessonDiff(source, place) : sourceText(source, language, place);
}

function sourceText(text: string, language: string, { root, folder }: Place): string {
  const { file, symbols } = parseSource(text, [language]);
  const content = readSource(path.resolve(folder, file), root);
  if (content === undefined) throw notThere(`there is no file ${file}`, folder);
  if (symbols.length === 0) return content;
  const found = symbolsOf(file, content);
  return symbols
    .map((symbol) => {
      const piece = found.find(symbol);
      if (piece === undefined) throw noSymbol(file, symbol, found.names(symbol));
      return piece;
    })
    .join("\n\n");
}

/** Returns the symbols, or the whole file, as a diff: lines of the lesson before (`-`), of this one (`+`), or of both. */
function lessonDiff(text: string, { root, folder, lesson, before }: Place): string {
  if (!lesson || !before)
    throw new UserError(`there is no lesson before this README with which to compare ${text}`);
  const { file, symbols } = parseSource(text, ["ts", "sql"]);
  const there = path.relative(lesson.path, path.resolve(folder, file));
  if (there.startsWith("..")) {
    throw new UserError(
      `${file} is not in this lesson; a diff compares this lesson with the one before`,
    );
  }
  const old = readSource(path.join(before.path, there), root);
  const now = readSource(path.join(lesson.path, there), root);
  if (old === undefined && now === undefined) throw notThere(`there is no file ${file}`, folder);

  const pairs: [string | undefined, string | undefined][] =
    symbols.length === 0
      ? [[old, now]]
      : symbols.map((symbol) => {
          const pair = [old, now].map((content) => symbolsOf(file, content ?? "").find(symbol));
          if (pair.some((piece) => piece !== undefined)) return [pair[0], pair[1]];
          throw noSymbol(file, symbol, symbolsOf(file, now ?? "").names(symbol));
        });
  if (pairs.every(([was, is]) => was === is)) {
    throw new UserError(
      `${text} is the same as in lesson ${before.number}; use a block without diff`,
    );
  }
  return pairs.map(([was, is]) => diffText(was, is)).join("\n\n");
}

function diffText(before: string | undefined, after: string | undefined): string {
  return diffLines(before?.split("\n") ?? [], after?.split("\n") ?? [])
    .map(({ sign, text }) => (sign + text).trimEnd())
    .join("\n");
}

function parseSource(text: string, extensions: string[]): Source {
  const [, file = "", symbols] = /^([^#]*)(?:#(.*))?$/.exec(text) ?? [];
  if (!extensions.some((extension) => file.endsWith(`.${extension}`))) {
    const wanted = extensions.map((extension) => `.${extension}`).join(" or ");
    throw new UserError(`"${text}" does not name a ${wanted} file; write its path, then #symbol`);
  }
  return { file, symbols: symbols === undefined ? [] : splitSymbols(symbols) };
}

function readSource(file: string, root: string): string | undefined {
  if (path.relative(root, file).startsWith("..")) return undefined;
  if (!existsSync(file) || !statSync(file).isFile()) return undefined;
  return readFileSync(file, "utf8").replaceAll("\r\n", "\n").trimEnd();
}

function notThere(what: string, folder: string): UserError {
  return new UserError(
    `${what} in ${path.basename(folder)}; write a path from the README's folder`,
  );
}

function noSymbol(file: string, symbol: string, names: string[]): UserError {
  return new UserError(`${file} has no ${symbol}; it has ${names.join(", ") || "no symbols"}`);
}
