import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { git } from "../lessons/git.ts";
import { modeOf, readBytes, removeFile, writeFile } from "./files.ts";

/** A propagation under way: all that `--continue` and `--abort` need, kept inside the git folder. */
export type Propagation = {
  /** The number of the lesson whose fix travels. */
  fixed: string;
  /** The commit that the fix is relative to. */
  head: string;
  /** The number of the lesson the fix is being carried into. */
  reached: string;
  /** The changes that are settled in that lesson, by their label. */
  settled: string[];
  /** The change that waits for the reader; undefined while we run, and after a crash. */
  stopped?: { label: string; file: string };
  /** What was done where, in order. */
  carried: Carried[];
  /** Every file of a later lesson that we wrote or removed, as it was before. */
  originals: Original[];
};

export type Carried = {
  lesson: string;
  label: string;
  how: "merged" | "added" | "deleted" | "moved" | "has it" | "by hand" | "-";
};

type Original = {
  /** Relative to the repository, with `/`. */
  file: string;
  /** Base64; undefined if there was no such file. */
  content?: string;
  mode?: number;
};

/** The propagation that stopped in this repository; undefined if there is none. */
export function loadPropagation(root: string): Propagation | undefined {
  const file = statePath(root);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

/** Writes the state down in one step: after a crash there is the state before, or this one. */
export function savePropagation(root: string, propagation: Propagation): void {
  const file = statePath(root);
  writeFileSync(`${file}.new`, JSON.stringify(propagation, null, 2));
  renameSync(`${file}.new`, file);
}

export function forgetPropagation(root: string): void {
  rmSync(statePath(root), { force: true });
}

/** Notes how `files` are now, before they are touched, so that `restoreOriginals` can put them back. */
export function keepOriginals(root: string, propagation: Propagation, files: string[]): void {
  for (const file of files) {
    if (propagation.originals.some((original) => original.file === file)) continue;
    const full = path.join(root, file);
    const content = readBytes(full)?.toString("base64");
    propagation.originals.push(
      content === undefined ? { file } : { file, content, mode: modeOf(full) },
    );
  }
  savePropagation(root, propagation);
}

/** Puts every file of the later lessons back to what it was before the fix came. */
export function restoreOriginals(root: string, propagation: Propagation): void {
  for (const { file, content, mode } of propagation.originals) {
    const full = path.join(root, file);
    if (content === undefined) {
      removeFile(full);
    } else {
      writeFile(full, Buffer.from(content, "base64"));
      if (mode !== undefined) chmodSync(full, mode);
    }
  }
}

function statePath(root: string): string {
  const file = git(root, ["rev-parse", "--git-path", "lesson-propagate.json"]).toString();
  return path.resolve(root, file.replace(/\r?\n$/, ""));
}
