import { parseArgs } from "node:util";
import { type LessonDatabase, withJoinedLessonDatabase } from "shared/database";
import { reportAndFail, UserError } from "shared/user-error";
import { UnstorableValueError } from "../engine/index.ts";

export type Command = {
  /** How it is called, after `pnpm --filter lesson-08`. */
  usage: string;
  about: string;
  options?: Record<string, { type: "string"; about: string }>;
  run(database: LessonDatabase, given: Given): Promise<void>;
};

export type Given = { words: string[]; options: Record<string, string | undefined> };

/** Runs a command on the lesson's database as it is, or prints its help. */
export async function runCommand(command: Command): Promise<void> {
  try {
    const given = parse(command);
    if (given === "help") return console.log(helpOf(command));
    const mainUrl = new URL("../main.ts", import.meta.url).href;
    await withJoinedLessonDatabase(mainUrl, (database) =>
      command.run(database, given).catch((error) => {
        throw toldInOneLine(error);
      }),
    );
  } catch (error) {
    reportAndFail(error);
  }
}

/** The only word, which is the id of a task. */
export function idFrom({ words }: Given): string {
  const [id = "", ...others] = words;
  if (/^[1-9]\d{0,17}$/.test(id) && others.length === 0) return id;
  const given = words.length === 0 ? "nothing" : words.map((word) => `"${word}"`).join(" ");
  throw new UserError(`It takes the id of one task, a number such as 7, not ${given}; see --help.`);
}

/** A whole number of at least 1. */
export function numberFrom(name: string, text: string): number {
  if (/^[1-9]\d{0,3}$/.test(text)) return Number(text);
  throw new UserError(`--${name} is "${text}"; it must be a whole number from 1 on.`);
}

function parse({ options = {} }: Command): Given | "help" {
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

function helpOf({ usage, about, options = {} }: Command): string {
  const lines = Object.entries(options).map(
    ([name, { about }]) => `  --${name.padEnd(8)} ${about}`,
  );
  return [
    `pnpm --filter lesson-08 ${usage}`,
    "",
    about,
    ...(lines.length > 0 ? [""] : []),
    ...lines,
  ].join("\n");
}

/** What the engine says of a task, or of what it was given, needs no stack. */
function toldInOneLine(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof UserError) return error;
  const isOfInput = error instanceof RangeError || error instanceof UnstorableValueError;
  const isOfTask = /^(There is no task|Task) \d+/.test(error.message);
  return isOfInput || isOfTask ? new UserError(`${error.message}.`) : error;
}
