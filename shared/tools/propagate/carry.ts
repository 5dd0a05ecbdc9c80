import { existsSync } from "node:fs";
import path from "node:path";
import type { Lesson } from "../lessons/lessons.ts";
import type { Change, WorkTree } from "./work-tree.ts";

export type Carried = {
  file: string;
  how: "added" | "changed" | "deleted" | "has it" | "left out" | "conflict" | "not carried";
  /** Why it was not carried. */
  why?: string;
};

/** Carries the changes of a lesson into the next one; returns the result for each file. */
export function carry(tree: WorkTree, from: Lesson, to: Lesson): Carried[] {
  const carryFile = (file: string, change: Change): Carried => {
    if (!existsSync(path.join(to.path, file))) {
      if (change === "deleted") return { file, how: "has it" };
      if (!isInEveryLesson(file)) return { file, how: "left out" };
      if (change === "changed") return notCarried(file, `lesson ${to.number} has no such file`);
    }
    const refusal = tree.merge(file, from, to);
    const how = tree.changes(to).get(file);
    if (how === "conflict" || refusal === undefined) return { file, how: how ?? "has it" };
    if (change !== "deleted") return notCarried(file, refusal);
    return notCarried(file, `the fix deletes it, and lesson ${to.number} has another version`);
  };
  return [...tree.changes(from)].map(([file, change]) => carryFile(file, change));
}

function notCarried(file: string, why: string): Carried {
  return { file, how: "not carried", why };
}

/** Whether every lesson has such a file; others, as proofs, belong to the lesson that wrote them. */
function isInEveryLesson(file: string): boolean {
  return /^(?:engine|sql)\/|^main\.ts$/.test(file);
}
