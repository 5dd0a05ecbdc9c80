import path from "node:path";
import { pathToFileURL } from "node:url";
import { Command } from "commander";
import { reportAndFail } from "../../runtime/user-error.ts";
import { findLesson, findLessons } from "../lessons/lessons.ts";

const program = new Command("pnpm start")
  .description("run a lesson")
  .argument("[lesson]", "a lesson's number. Default: the newest")
  .addHelpText("after", "\nExamples:\n  pnpm start\n  pnpm start 02")
  .action(async (given: string | undefined) => {
    const lessons = findLessons();
    const lesson = findLesson(given ?? lessons.at(-1)?.number ?? "", lessons);
    await import(pathToFileURL(path.join(lesson.path, "main.ts")).href);
  });

await program.parseAsync().catch(reportAndFail);
