import { spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { stripVTControlCharacters } from "node:util";
import { UserError } from "../../runtime/user-error.ts";
import type { Lesson } from "../lessons/lessons.ts";

const TIMEOUT_MINUTES = 20;

/** A command that a document shows, and how to run it without pnpm. */
export type Command = {
  /** As the reader types it: `pnpm --filter lesson-02 start`. */
  shown: string;
  cwd: string;
  script: string;
  args: string[];
};

/** Runs a command and returns what it printed. */
export type Run = (command: Command) => Promise<string>;

/** Runs each command once and remembers what it printed. */
export function runOnce(): Run {
  const outputs = new Map<string, Promise<string>>();
  return (command) => {
    const output = outputs.get(command.shown) ?? run(command);
    outputs.set(command.shown, output);
    return output;
  };
}

/**
 * What the command of a block prints: `start` (with arguments, if any) of the README's own lesson, or
 * `lesson …`; with `#Heading`, only what stands under that heading of the output.
 */
export async function transcript(
  source: string,
  place: { root: string; lessons: Lesson[]; lesson?: Lesson | undefined; run: Run },
): Promise<string> {
  const [, typed = "", section] = /^([^#]*)(?:#(.*))?$/.exec(source) ?? [];
  const command = commandOf(typed.trim(), place);
  const output = await place.run(command);
  if (section === undefined) return `$ ${command.shown}\n${output}`;
  return sectionOf(output, section.trim(), command);
}

function commandOf(
  typed: string,
  { root, lessons, lesson }: { root: string; lessons: Lesson[]; lesson?: Lesson | undefined },
): Command {
  const words = typed.split(/\s+/);
  if (words[0] === "pnpm") words.shift();
  if (words[0] === "--filter") {
    const number = words[1]?.replace("lesson-", "");
    lesson = lessons.find((other) => other.number === number);
    words.splice(0, 2);
  }
  const [name, ...args] = words;
  if (name === "lesson" && args[0] !== "docs") {
    const script = path.join("shared", "tools", "cli", "lesson.ts");
    return { shown: ["pnpm lesson", ...args].join(" "), cwd: root, script, args };
  }
  if (name === "start" && lesson) {
    const shown = [`pnpm --filter lesson-${lesson.number} start`, ...args].join(" ");
    return { shown, cwd: lesson.path, script: "main.ts", args };
  }
  throw new UserError(
    `cannot run "${typed}"; write start, start#Heading, lesson list, or pnpm --filter lesson-02 start`,
  );
}

async function run({ shown, cwd, script, args }: Command): Promise<string> {
  const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: "1", COLUMNS: "100" };
  delete env.FORCE_COLOR;
  const folder = mkdtempSync(path.join(os.tmpdir(), "transcript-"));
  const file = path.join(folder, "output");
  // One file for both streams: two pipes would not keep their lines in order.
  const output = openSync(file, "a");
  try {
    // tsx's own command, as in the lesson's package.json: it knows how each Node loads it.
    const tsx = createRequire(import.meta.url).resolve("tsx/cli");
    const child = spawn(process.execPath, [tsx, script, ...args], {
      cwd,
      env,
      stdio: ["ignore", output, output],
      timeout: TIMEOUT_MINUTES * 60_000,
    });
    const ended = await new Promise<number | string>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code, signal) => resolve(code ?? signal ?? "unknown"));
    });
    const text = tidy(readFileSync(file, "utf8"));
    if (ended === 0) return text;
    const how = typeof ended === "number" ? `exit code ${ended}` : `signal ${ended}`;
    throw new UserError(`"${shown}" ended with ${how}; fix it first. It printed:\n${text}`);
  } finally {
    closeSync(output);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function tidy(output: string): string {
  const lines = stripVTControlCharacters(output).split(/\r?\n/);
  return trimBlankLines(lines.map((line) => line.trimEnd())).join("\n");
}

function sectionOf(output: string, section: string, { shown }: Command): string {
  const lines = output.split("\n");
  const headings = lines.map((line) => /^── (.+?) ─*$/.exec(line)?.[1]);
  const start = headings.indexOf(section);
  if (start < 0) {
    const found = headings.filter((heading) => heading !== undefined);
    throw new UserError(
      `"${shown}" prints no heading "${section}"; it prints ${found.map((heading) => `"${heading}"`).join(", ") || "none"}`,
    );
  }
  const next = headings.findIndex((heading, index) => index > start && heading !== undefined);
  return trimBlankLines(lines.slice(start + 1, next < 0 ? undefined : next)).join("\n");
}

function trimBlankLines(lines: string[]): string[] {
  const first = lines.findIndex((line) => line !== "");
  const last = lines.findLastIndex((line) => line !== "");
  return first < 0 ? [] : lines.slice(first, last + 1);
}
