import type { DurableContext, Engine, TaskContext } from "../engine.ts";
import { countFile, hasFile, listFiles, listLessons } from "./lesson-source.ts";
import { phraseWeight, type Reading } from "./model.ts";
import type { FileGrowth } from "./survey-report.ts";

/** Called before each action of the agent outside of the engine. */
export type Does = (what: string) => Promise<void> | void;

export type Look = { lesson: string; before: string };

/** Reads a lesson's code in two steps. */
export function readLessonTask(engine: Engine, upTo: string, does: Does) {
  return engine.durableTask({
    name: "read-lesson",
    run: async (lesson: string, { step }: DurableContext): Promise<Reading> => {
      const files = await step("list files", async () => {
        await does(`list ${lesson}`);
        if (listLessons(upTo).includes(lesson)) return listFiles(lesson);
        throw new engine.NonRetryableError(`there is no lesson ${lesson}`);
      });
      return step("count", async () => {
        await does(`count ${lesson}`);
        return { lesson, files: files.map((file) => countFile(lesson, file)) };
      });
    },
  });
}

/** Compares a file with the lesson before. It is short enough for a regular task, which runs again as a whole. */
export function readFileTask(engine: Engine, does: Does) {
  return engine.task({
    name: "read-file",
    run: async ({ lesson, before, file }: Look & { file: string }): Promise<FileGrowth> => {
      await does(`read ${file}`);
      const { lines } = countFile(lesson, file);
      const linesBefore = hasFile(before, file) ? countFile(before, file).lines : 0;
      return { file, lines, added: lines - linesBefore };
    },
  });
}

/** Reads all files of a lesson in parallel. */
export function lookCloserTask(
  engine: Engine,
  does: Does,
  readFile: ReturnType<typeof readFileTask>,
) {
  return engine.durableTask({
    name: "look-closer",
    run: async ({ lesson, before }: Look, { step, run }: DurableContext) => {
      const files = await step("list files", async () => {
        await does(`list ${lesson} again`);
        return listFiles(lesson);
      });
      return Promise.all(files.map((file) => run(readFile, { lesson, before, file })));
    },
  });
}

/** Asks the model for a sentence. The first attempts fail because the model is overloaded. */
export function phraseTask(engine: Engine, does: Does) {
  return engine.task({
    name: "phrase",
    retry: { maxAttempts: 5, backoffMs: 100 },
    run: async (reading: Reading, { attempt }: TaskContext) => {
      await does("phrase");
      if (attempt < 3) throw new Error("the model is overloaded");
      return phraseWeight(reading);
    },
  });
}
