import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { UserError } from "../../runtime/user-error.ts";

export type Lesson = {
  /** Two digits: `02`. */
  number: string;
  /** The name of its folder: `02-simple-queue`. */
  folder: string;
  /** The absolute path of the folder. */
  path: string;
};

export const repositoryRoot = fileURLToPath(new URL("../../..", import.meta.url));

/** Returns the lessons of the repository at `root`, in order. */
export function findLessons(root: string = repositoryRoot): Lesson[] {
  const lessons = path.join(root, "lessons");
  return readdirSync(lessons)
    .filter((folder) => /^\d\d-/.test(folder))
    .filter((folder) => existsSync(path.join(lessons, folder, "package.json")))
    .sort()
    .map((folder) => ({
      number: folder.slice(0, 2),
      folder,
      path: path.join(lessons, folder),
    }));
}

/** Returns the lesson that a reader means by `2` or `02`. Throws a `UserError` that lists the lessons if there is none. */
export function findLesson(given: string, lessons: Lesson[] = findLessons()): Lesson {
  const lesson = lessons.find(({ number }) => number === given.padStart(2, "0"));
  if (lesson) return lesson;
  const numbers = lessons.map(({ number }) => number).join(", ");
  throw new UserError(`There is no lesson "${given}"; the lessons are ${numbers}.`);
}

/** Returns the lesson before this one; undefined for the first. */
export function lessonBefore(
  lesson: Lesson,
  lessons: Lesson[] = findLessons(),
): Lesson | undefined {
  return lessons[lessons.findIndex(({ number }) => number === lesson.number) - 1];
}
