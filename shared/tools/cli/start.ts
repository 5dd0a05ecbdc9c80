import path from "node:path";
import { pathToFileURL } from "node:url";
import { reportAndFail } from "../../runtime/user-error.ts";
import { findLesson, findLessons } from "../lessons/lessons.ts";

// `pnpm start` runs the newest lesson, `pnpm start 01` lesson 01.
try {
  const lessons = findLessons();
  const lesson = findLesson(process.argv[2] ?? lessons.at(-1)?.number ?? "", lessons);
  await import(pathToFileURL(path.join(lesson.path, "main.ts")).href);
} catch (error) {
  reportAndFail(error);
}
