import type { DurableContext, Engine } from "../engine.ts";
import { listLessons } from "./lesson-source.ts";
import { planCloserLook, planReading, type Reading } from "./model.ts";
import { type Does, lookCloserTask, phraseTask, readFileTask, readLessonTask } from "./readers.ts";
import { writeReport } from "./survey-report.ts";

export type { Does } from "./readers.ts";

/** Returns an agent that answers questions about the code of the lessons up to `upTo`, and the tasks that it starts. */
export function surveyTasks(engine: Engine, { upTo, does }: { upTo: string; does: Does }) {
  const readLesson = readLessonTask(engine, upTo, does);
  const readFile = readFileTask(engine, does);
  const lookCloser = lookCloserTask(engine, does, readFile);
  const phrase = phraseTask(engine, does);

  const survey = engine.durableTask({
    name: "survey",
    run: async ({ question }: { question: string }, { step, run }: DurableContext) => {
      const lessons = await step("plan", async () => {
        await does("plan");
        return planReading(question, listLessons(upTo));
      });

      const leftOut: string[] = [];
      const reading = async (lesson: string) => {
        try {
          return [await run(readLesson, lesson)];
        } catch (error) {
          if (!(error instanceof engine.ChildFailedError)) throw error;
          leftOut.push(rootOf(error).message);
          return [];
        }
      };
      const readings: Reading[] = (await Promise.all(lessons.map(reading))).flat();

      const look = await step("plan again", async () => {
        await does("plan again");
        return planCloserLook(readings);
      });
      const files = await run(lookCloser, look);
      const weight = await run(phrase, readings.at(-1) as Reading);
      return step("write", async () => {
        await does("write");
        const closer = { lesson: look.lesson, files };
        return writeReport({ question, readings, leftOut, closer, weight });
      });
    },
  });
  return { survey, tasks: [survey, readLesson, lookCloser, readFile, phrase] };
}

/** Returns the root cause of an error. */
function rootOf(error: Error): Error {
  return error.cause instanceof Error ? rootOf(error.cause) : error;
}
