import path from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { type LessonDatabase, withJoinedLessonDatabase } from "../runtime/database/index.ts";
import { reportAndFail, UserError } from "../runtime/user-error.ts";
import { UnstorableValueError } from "../values/index.ts";
import { type Engine, loadEngine } from "./engine.ts";

/** A command of a lesson, started by its package.json. */
export type LessonCommand = {
  /** The command and its arguments, without `pnpm --filter lesson-08`. */
  usage: string;
  about: string;
  options?: Record<string, { type: "string"; about: string }>;
  run(lesson: LessonHere, given: Given): Promise<void>;
};

/** The folder and number of the lesson for which the command was started. */
export type LessonHere = { number: string; engine: Engine; database: LessonDatabase };

export type Given = { words: string[]; options: Record<string, string | undefined> };

/** Runs a command with its lesson's engine and database, or prints its help. Does not empty the database. */
export async function runCommand(command: LessonCommand): Promise<void> {
  try {
    const folder = process.cwd();
    const number = numberOf(folder);
    const given = parse(command);
    if (given === "help") return console.log(helpOf(command, number));
    const engine = await loadEngine(folder);
    const mainUrl = pathToFileURL(path.join(folder, "main.ts")).href;
    await withJoinedLessonDatabase(mainUrl, (database) =>
      command.run({ number, engine, database }, given).catch((error) => {
        throw inOneLine(error);
      }),
    );
  } catch (error) {
    reportAndFail(error);
  }
}

/** Returns the only argument, a task's id. Throws a `UserError` for anything else. */
export function idFrom({ words }: Given): string {
  const [id = "", ...others] = words;
  if (/^[1-9]\d{0,17}$/.test(id) && others.length === 0) return id;
  const given = words.length === 0 ? "nothing" : words.map((word) => `"${word}"`).join(" ");
  throw new UserError(
    `This command takes the id of one task, a number such as 7, but got ${given}; see --help.`,
  );
}

/** Returns an option's value, a whole number from 1 to 9999. Throws a `UserError` for anything else. */
export function numberFrom(name: string, text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new UserError(`--${name} is "${text}"; it must be a whole number from 1 to 9999.`);
}

function numberOf(folder: string): string {
  const number = /^\d\d(?=-)/.exec(path.basename(folder))?.[0];
  if (number !== undefined) return number;
  throw new UserError("Start this command for a lesson, such as: pnpm --filter lesson-08 worker");
}

function parse({ options = {} }: LessonCommand): Given | "help" {
  try {
    const { values, positionals } = parseArgs({
      options: { ...options, help: { type: "boolean", short: "h" } },
      allowPositionals: true,
    });
    const { help, ...given } = values;
    return help ? "help" : { words: positionals, options: given as Given["options"] };
  } catch (error) {
    const [message] = (error as Error).message.split(". ");
    throw new UserError(`${message}; see --help.`);
  }
}

function helpOf({ usage, about, options = {} }: LessonCommand, number: string): string {
  const lines = Object.entries(options).map(
    ([name, { about }]) => `  --${name.padEnd(8)} ${about}`,
  );
  return [
    `pnpm --filter lesson-${number} ${usage}`,
    "",
    about,
    ...(lines.length > 0 ? [""] : []),
    ...lines,
  ].join("\n");
}

/** Converts the engine's errors about a task or about an input to a `UserError`, which is printed without its stack. */
function inOneLine(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof UserError) return error;
  const isOfInput = error instanceof RangeError || error instanceof UnstorableValueError;
  const isOfTask = /^(There is no task|Task) \d+/.test(error.message);
  return isOfInput || isOfTask ? new UserError(`${error.message}.`) : error;
}
