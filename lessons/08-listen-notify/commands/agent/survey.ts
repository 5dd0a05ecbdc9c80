import { ChildFailedError, type DurableContext, durableTask } from "../../engine/index.ts";
import { planCloserLook, planReading, type Reading } from "./model.ts";
import { type Does, lookCloserTask, phraseTask, readFileTask, readLessonTask } from "./readers.ts";
import { writeReport } from "./report.ts";
import { listLessons } from "./source.ts";

/** An agent that answers a question about the lessons' code, and the tasks that it starts. */
export function surveyTasks(does: Does) {
  const readLesson = readLessonTask(does);
  const readFile = readFileTask(does);
  const lookCloser = lookCloserTask(does, readFile);
  const phrase = phraseTask(does);

  const survey = durableTask({
    name: "survey",
    run: async ({ question }: { question: string }, { step, run }: DurableContext) => {
      const lessons = await step("plan", async () => {
        await does("plan");
        return planReading(question, listLessons());
      });

      const leftOut: string[] = [];
      const reading = async (lesson: string) => {
        try {
          return [await run(readLesson, lesson)];
        } catch (error) {
          if (!(error instanceof ChildFailedError)) throw error;
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

/** What has failed first. */
function rootOf(error: Error): Error {
  return error.cause instanceof Error ? rootOf(error.cause) : error;
}
