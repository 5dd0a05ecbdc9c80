import { Command } from "commander";
import { UserError } from "../../runtime/user-error.ts";
import { print } from "../cli/output.ts";
import { findLesson, findLessons, lessonBefore, repositoryRoot } from "../lessons/lessons.ts";
import { carry, settle } from "./carry.ts";
import { labelOf, pairRenames, uncommittedChanges } from "./changes.ts";
import {
  headCommit,
  refuseConflictMarkers,
  refuseUncommittedWork,
  refuseWhatCannotMerge,
} from "./checks.ts";
import { renderReport } from "./report.ts";
import {
  forgetPropagation,
  loadPropagation,
  type Propagation,
  restoreOriginals,
  savePropagation,
} from "./state.ts";

/** `pnpm lesson propagate 03`: carries an uncommitted fix in lesson 03 through all later lessons. */
export function propagateCommand(root: string = repositoryRoot): Command {
  return new Command("propagate")
    .description("carry an uncommitted fix in a lesson through all later lessons")
    .argument("[lesson]", "the number of the lesson that holds the fix")
    .option("--continue", "go on after you have resolved a conflict")
    .option("--abort", "put the later lessons back to what they were")
    .addHelpText(
      "after",
      "\nExamples:\n  pnpm lesson propagate 03\n  pnpm lesson propagate --continue",
    )
    .action((given: string | undefined, options: { continue?: boolean; abort?: boolean }) => {
      if ([given, options.continue, options.abort].filter(Boolean).length !== 1) {
        throw new UserError(
          "Say one thing: the number of the lesson that holds the fix (pnpm lesson propagate 03), --continue or --abort.",
        );
      }
      if (given !== undefined) return print(startPropagation(given, root));
      print(options.continue ? continuePropagation(root) : abortPropagation(root));
    });
}

/** Carries the fix as far as it goes by itself; throws a `UserError` where it stops. */
export function startPropagation(given: string, root: string = repositoryRoot): string {
  const lessons = findLessons(root);
  const fixed = findLesson(given, lessons);
  const head = headCommit(root);
  const underWay = loadPropagation(root);
  if (underWay) {
    throw new UserError(
      `A fix from lesson ${underWay.fixed} is still on its way; run pnpm lesson propagate --continue or --abort first.`,
    );
  }
  const later = lessons.filter(({ number }) => number > fixed.number);
  const [first] = later;
  if (!first) {
    throw new UserError(`Lesson ${fixed.number} is the last; no later lesson needs its fix.`);
  }
  const changes = uncommittedChanges(root, head, fixed);
  if (changes.length === 0) {
    throw new UserError(
      `Lesson ${fixed.number} has no uncommitted change that could travel; make the fix in lessons/${fixed.folder} and leave it uncommitted.`,
    );
  }
  refuseWhatCannotMerge(root, head, fixed, changes);
  refuseUncommittedWork(root, head, later);

  const propagation: Propagation = {
    fixed: fixed.number,
    head,
    reached: first.number,
    settled: [],
    carried: [],
    originals: [],
  };
  savePropagation(root, propagation);
  return travel(root, propagation);
}

/** Goes on from where a propagation stopped; throws a `UserError` while the conflict is unresolved. */
export function continuePropagation(root: string = repositoryRoot): string {
  headCommit(root);
  const propagation = loadPropagation(root);
  if (!propagation) throw nothingUnderWay("continue");
  const { stopped } = propagation;
  if (!stopped) {
    throw new UserError(
      "The last run was cut off in the middle; run pnpm lesson propagate --abort, then start again.",
    );
  }
  refuseConflictMarkers(root, stopped.file);
  const untouched = findLessons(root).filter(({ number }) => number > propagation.reached);
  refuseUncommittedWork(root, propagation.head, untouched);
  delete propagation.stopped;
  settle(root, propagation, stopped.label, "by hand");
  return travel(root, propagation);
}

/** Puts the later lessons back to what they were; the fix itself stays. */
export function abortPropagation(root: string = repositoryRoot): string {
  headCommit(root);
  const propagation = loadPropagation(root);
  if (!propagation) throw nothingUnderWay("abort");
  restoreOriginals(root, propagation);
  forgetPropagation(root);
  return `The later lessons are back to what they were; the fix in lesson ${propagation.fixed} is still there.`;
}

/**
 * Lesson by lesson, the earlier one's uncommitted changes are the fix for the next: what a reader mended
 * by hand in lesson 04 so reaches lesson 05 as well.
 */
function travel(root: string, propagation: Propagation): string {
  const { fixed, head } = propagation;
  const lessons = findLessons(root);
  const renames = uncommittedChanges(root, head, findLesson(fixed, lessons));
  for (const to of lessons.filter(({ number }) => number >= propagation.reached)) {
    const from = lessonBefore(to, lessons);
    if (!from) continue;
    if (to.number !== propagation.reached) {
      propagation.reached = to.number;
      propagation.settled = [];
    }
    for (const change of pairRenames(uncommittedChanges(root, head, from), renames)) {
      if (propagation.settled.includes(labelOf(change))) continue;
      carry({ root, propagation, change, from, to });
    }
  }
  forgetPropagation(root);
  return renderReport(propagation, lessons);
}

function nothingUnderWay(what: string): UserError {
  return new UserError(
    `There is nothing to ${what}: no fix is on its way. Start with pnpm lesson propagate 03.`,
  );
}
