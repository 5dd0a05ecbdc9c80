import path from "node:path";
import { UserError } from "../../runtime/user-error.ts";
import type { Lesson } from "../lessons/lessons.ts";
import { type Change, committed, labelOf } from "./changes.ts";
import { type Decision, decide } from "./decide.ts";
import { readBytes, removeFile, writeFile } from "./files.ts";
import { type Carried, keepOriginals, type Propagation, savePropagation } from "./state.ts";

export type Hop = {
  root: string;
  propagation: Propagation;
  change: Change;
  from: Lesson;
  to: Lesson;
};

/** Carries one change from a lesson into the next; throws a `UserError` if the reader has to decide. */
export function carry(hop: Hop): void {
  const { root, propagation, change, from, to } = hop;
  const decision = decideFor(hop);
  const inRepository = (file: string) => `lessons/${to.folder}/${file}`;

  // The originals are on disk before the first write: a crash from here on can be aborted.
  if (decision.do === "write") {
    const { file, content, remove } = decision;
    const touched = remove === undefined ? [file] : [file, remove];
    keepOriginals(root, propagation, touched.map(inRepository));
    const modeFrom = remove === undefined ? path.join(from.path, file) : path.join(to.path, remove);
    writeFile(path.join(to.path, file), content, modeFrom);
    if (remove !== undefined) removeFile(path.join(to.path, remove));
  }
  if (decision.do === "delete") {
    keepOriginals(root, propagation, [inRepository(decision.file)]);
    removeFile(path.join(to.path, decision.file));
  }

  if (decision.do === "stop" || (decision.do === "write" && decision.conflict)) {
    propagation.stopped = { label: labelOf(change), file: inRepository(decision.file) };
    savePropagation(root, propagation);
    throw new UserError(whatToDo(decision, propagation, to));
  }
  settle(root, propagation, labelOf(change), decision.how);
}

/** Notes that a change needs no more work in the lesson that the propagation has reached. */
export function settle(
  root: string,
  propagation: Propagation,
  label: string,
  how: Carried["how"],
): void {
  propagation.settled.push(label);
  propagation.carried.push({ lesson: propagation.reached, label, how });
  savePropagation(root, propagation);
}

function decideFor({ root, propagation, change, from, to }: Hop): Decision {
  const { from: oldPath, to: newPath } = change;
  const read = (lesson: Lesson, file: string | undefined) =>
    file === undefined ? undefined : readBytes(path.join(lesson.path, file));
  const sides = {
    base: oldPath === undefined ? undefined : committed(root, propagation.head, from, oldPath),
    theirs: read(from, newPath),
    ours: read(to, oldPath ?? newPath),
    oursAtNewPath: read(to, newPath),
  };
  return decide(change, sides, {
    ours: `lesson ${to.number} as it is`,
    theirs: `the fix from lesson ${propagation.fixed}`,
  });
}

function whatToDo(decision: Decision, { fixed, stopped }: Propagation, lesson: Lesson): string {
  const [why, advice] =
    decision.do === "stop"
      ? [decision.why, decision.advice]
      : [
          `${stopped?.file} conflicts with the fix from lesson ${fixed}`,
          "Edit that file where it says <<<<<<< until it is right.",
        ];
  return [
    `Stopped in lesson ${lesson.number}: ${why}.`,
    `${advice} Then run`,
    "  pnpm lesson propagate --continue   to go on from here, or",
    "  pnpm lesson propagate --abort      to put the later lessons back to what they were.",
  ].join("\n");
}
