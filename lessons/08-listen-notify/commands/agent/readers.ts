import {
  type DurableContext,
  durableTask,
  NonRetryableError,
  type TaskContext,
  task,
} from "../../engine/index.ts";
import { phraseWeight, type Reading } from "./model.ts";
import type { FileGrowth } from "./report.ts";
import { countFile, hasFile, listFiles, listLessons } from "./source.ts";

/** Is told what is done, outside of the engine, each time that it is done. */
export type Does = (what: string) => Promise<void> | void;

export type Look = { lesson: string; before: string };

/** Reads what a lesson teaches, in two steps. */
export function readLessonTask(does: Does) {
  return durableTask({
    name: "read-lesson",
    run: async (lesson: string, { step }: DurableContext): Promise<Reading> => {
      const files = await step("list files", async () => {
        await does(`list ${lesson}`);
        if (listLessons().includes(lesson)) return listFiles(lesson);
        throw new NonRetryableError(`there is no lesson ${lesson}`);
      });
      return step("count", async () => {
        await does(`count ${lesson}`);
        return { lesson, files: files.map((file) => countFile(lesson, file)) };
      });
    },
  });
}

/** How much a file has grown since the lesson before. A regular task: it is short, and may run again as a whole. */
export function readFileTask(does: Does) {
  return task({
    name: "read-file",
    run: async ({ lesson, before, file }: Look & { file: string }): Promise<FileGrowth> => {
      await does(`read ${file}`);
      const { lines } = countFile(lesson, file);
      const linesBefore = hasFile(before, file) ? countFile(before, file).lines : 0;
      return { file, lines, added: lines - linesBefore };
    },
  });
}

/** Looks at each file of a lesson, side by side. */
export function lookCloserTask(does: Does, readFile: ReturnType<typeof readFileTask>) {
  return durableTask({
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

/** Asks the model for a sentence, which is too busy at first. */
export function phraseTask(does: Does) {
  return task({
    name: "phrase",
    retry: { maxAttempts: 5, backoffMs: 100 },
    run: async (reading: Reading, { attempt }: TaskContext) => {
      await does("phrase");
      if (attempt < 3) throw new Error("the model is overloaded");
      return phraseWeight(reading);
    },
  });
}
