import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { reportAndFail, UserError } from "../errors.ts";
import { findLesson, findLessons } from "./lessons.ts";

// `pnpm start` runs the newest lesson, `pnpm start 01` that one.
try {
  const lessons = findLessons();
  const lesson = findLesson(process.argv[2] ?? lessons.at(-1)?.number ?? "", lessons);
  const tsx = createRequire(import.meta.url).resolve("tsx/cli");
  const child = spawn(process.execPath, [tsx, "main.ts"], { cwd: lesson.path, stdio: "inherit" });
  child.on("error", (error) =>
    reportAndFail(new UserError(`Cannot start ${lesson.folder}: ${error.message}`)),
  );
  child.on("exit", (code) => {
    process.exitCode = code ?? 1;
  });
} catch (error) {
  reportAndFail(error);
}
