import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { Command, InvalidArgumentError } from "commander";
import { reportAndFail, UserError } from "../../runtime/user-error.ts";
import { findLesson, findLessons, type Lesson } from "../lessons/lessons.ts";

type Options = { minutes: number; seed?: number; workers: number; lesson?: string };

const program = new Command("pnpm soak")
  .description("let workers work while everything goes wrong, and check that all comes out right")
  .option("--minutes <number>", "how long things go wrong", positive, 3)
  .option(
    "--seed <number>",
    "what goes wrong, and what is to be done; a new one if left out",
    Number,
  )
  .option("--workers <number>", "how many processes work", positive, 4)
  .option("--lesson <number>", "whose engine works; the newest lesson's if left out")
  .addHelpText(
    "after",
    `
Workers are killed, stopped, frozen and cut off, and Postgres is restarted and
crashed, on a server of its own that is gone afterwards. The seed decides all that
is decided here; how the processes run side by side it does not.

Examples:
  pnpm soak
  pnpm soak --minutes 0.5 --seed 7
  pnpm soak --minutes 30 --lesson 07`,
  )
  .action(async (options: Options) => {
    const lessons = findLessons();
    const lesson = options.lesson ? findLesson(options.lesson, lessons) : lessons.at(-1);
    const home = lesson && homeOf(lesson, lessons);
    if (!lesson || !home) throw new UserError("The soak needs lesson 07 or a later one.");
    const { seed = anySeed(), workers } = options;
    const seconds = Math.round(options.minutes * 60);
    console.log(`soak of lesson ${lesson.number}: seed=${seed} ${seconds} s, ${workers} workers`);
    const { soak } = await import(pathToFileURL(path.join(home.path, "soak/index.ts")).href);
    const { problems, figures, kept } = await soak({
      lesson: lesson.path,
      seed,
      seconds,
      workers,
    });
    for (const problem of problems) console.error(problem);
    if (problems.length > 0) {
      throw new UserError(
        `soak failed: seed=${seed} ${seconds} s, ${problems.length} violations, ${figures}; logs in ${kept}`,
      );
    }
    console.log(`soak ok: seed=${seed} ${seconds} s, ${figures}`);
  });

await program.parseAsync().catch(reportAndFail);

/** The newest lesson whose tasks its engine can run. */
function homeOf(lesson: Lesson, lessons: Lesson[]): Lesson | undefined {
  return lessons.findLast(
    ({ number, path: folder }) =>
      number <= lesson.number && existsSync(path.join(folder, "soak/index.ts")),
  );
}

function positive(given: string): number {
  const value = Number(given);
  if (value > 0) return value;
  throw new InvalidArgumentError("It must be a number above 0.");
}

function anySeed(): number {
  return Date.now() % 1_000_000;
}
