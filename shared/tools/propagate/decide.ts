import { type Change, isInEveryLesson } from "./changes.ts";
import { isBinary, type Labels, type Merged, mergeTexts, sameText } from "./merge.ts";

/** The texts that a change meets; undefined where there is no such file. */
export type Sides = {
  /** The file in the earlier lesson, before the fix. */
  base: Buffer | undefined;
  /** The file in the earlier lesson, with the fix. */
  theirs: Buffer | undefined;
  /** The later lesson's file, at the old path if the fix renames it. */
  ours: Buffer | undefined;
  /** The later lesson's file at the new path, if the fix renames it. */
  oursAtNewPath: Buffer | undefined;
};

export type Decision =
  | { do: "nothing"; how: "has it" | "-" }
  | { do: "delete"; file: string; how: "deleted" }
  | { do: "stop"; file: string; why: string; advice: string }
  | {
      do: "write";
      file: string;
      content: Buffer;
      /** Whether the content holds conflict markers for the reader to resolve. */
      conflict: boolean;
      /** The old path, if the file moves. */
      remove: string | undefined;
      how: "merged" | "added" | "moved";
    };

/** What a change to the earlier lesson does to the later one. Writes nothing. */
export function decide({ from, to }: Change, sides: Sides, labels: Labels): Decision {
  const { base, theirs, ours, oursAtNewPath } = sides;

  if (to === undefined) {
    const file = from ?? "";
    if (!ours) return { do: "nothing", how: isInEveryLesson(file) ? "has it" : "-" };
    if (base && sameText(ours, base)) return { do: "delete", file, how: "deleted" };
    const why = `the fix deletes ${file}, of which this lesson has a version of its own`;
    return stop(file, why, "Delete it here too, or leave it as it is.");
  }
  if (theirs === undefined) {
    return stop(to, `in the lesson before, ${to} is no ordinary file`, BY_HAND);
  }

  if (from === undefined) {
    if (!isInEveryLesson(to)) return { do: "nothing", how: "-" };
    if (!ours) return write(to, { content: theirs, conflict: false }, "added");
    if (sameText(ours, theirs)) return { do: "nothing", how: "has it" };
    if (isBinary(ours)) return stop(to, `${to} is binary and cannot be merged`, BY_HAND);
    return write(to, mergeTexts(NO_TEXT, ours, theirs, labels), "merged");
  }

  const target = ours ?? oursAtNewPath;
  if (!target) {
    if (!isInEveryLesson(from)) return { do: "nothing", how: "-" };
    const why = `the fix changes ${from}, which this lesson does not have any more`;
    return stop(from, why, "Make the same fix by hand in what replaces it, if anything does.");
  }
  if (from !== to && ours && oursAtNewPath) {
    const why = `the fix renames ${from} to ${to}, and this lesson has both already`;
    return stop(to, why, "Bring the two together by hand.");
  }
  if (isBinary(target)) return stop(to, `${to} is binary and cannot be merged`, BY_HAND);

  const merged = mergeTexts(base ?? NO_TEXT, target, theirs, labels);
  if (from !== to && ours) return write(to, merged, "moved", from);
  if (merged.content.equals(target)) return { do: "nothing", how: "has it" };
  return write(to, merged, "merged");
}

const BY_HAND = "Carry the change over by hand.";
const NO_TEXT = Buffer.alloc(0);

function write(
  file: string,
  { content, conflict }: Merged,
  how: "merged" | "added" | "moved",
  remove?: string,
): Decision {
  return { do: "write", file, content, conflict, remove, how };
}

function stop(file: string, why: string, advice: string): Decision {
  return { do: "stop", file, why, advice };
}
