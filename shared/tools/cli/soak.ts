import { Command, InvalidArgumentError } from "commander";
import { reportAndFail, UserError } from "../../runtime/user-error.ts";
import { soak } from "../../soak/index.ts";
import { findLesson } from "../lessons/lessons.ts";
import { isAcross, REWRITTEN_UP_TO } from "../lessons/rewritten.ts";

type Options = { minutes: number; seed?: number; workers: number; lesson?: string };

/** The first lesson whose engine can run the tasks of the soak. */
const FIRST = "07";

const program = new Command("pnpm soak")
  .description("run tasks while workers and Postgres are killed, then check every task")
  .option("--minutes <number>", "how long faults are injected", positive, 3)
  .option("--seed <number>", "determines the tasks and the faults. Default: a random one", Number)
  .option("--workers <number>", "number of worker processes", positive, 4)
  .option("--lesson <number>", "the lesson whose engine is tested. Default: 07")
  .addHelpText(
    "after",
    `
Kills, stops and freezes workers, cuts their connections, and restarts and crashes
Postgres, on a server of its own that is removed afterwards. The seed decides every
choice that is made here, but not how the processes interleave.

Examples:
  pnpm soak
  pnpm soak --minutes 0.5 --seed 7
  pnpm soak --minutes 30 --lesson 07`,
  )
  .action(async (options: Options) => {
    const lesson = findLesson(options.lesson ?? REWRITTEN_UP_TO);
    if (lesson.number < FIRST) {
      throw new UserError(`The soak needs lesson ${FIRST} or a later one.`);
    }
    if (isAcross(lesson.number, FIRST)) {
      throw new UserError(
        `The event log of lesson ${lesson.number} has other rules than that of lesson ${FIRST}.`,
      );
    }
    const { seed = anySeed(), workers } = options;
    const seconds = Math.round(options.minutes * 60);
    console.log(`soak of lesson ${lesson.number}: seed=${seed} ${seconds} s, ${workers} workers`);
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

function positive(given: string): number {
  const value = Number(given);
  if (value > 0) return value;
  throw new InvalidArgumentError("It must be a number greater than 0.");
}

function anySeed(): number {
  return Date.now() % 1_000_000;
}
