import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { bundle } from "../tools/staircase/bundle.ts";
import type { Contestant } from "./contestants.ts";

export type Built = {
  /** Returns the built file of a lesson's engine; `lesson` is the lesson's folder. */
  engineOf(lesson: string): string;
  remove(): void;
};

/**
 * Builds the engine of each lesson, as one would to deploy it. The peers are JavaScript too, and compiling an engine in
 * the measured process would count as its memory.
 */
export async function buildEngines(contestants: readonly Contestant[]): Promise<Built> {
  const lessons = contestants.flatMap(({ lesson }) => (lesson === undefined ? [] : [lesson]));
  const folder = mkdtempSync(path.join(os.tmpdir(), "durable-bench-"));
  const sources = lessons.map((lesson) => [
    path.basename(lesson),
    path.join(lesson, "engine/index.ts"),
  ]);
  await bundle({ folder, sources: Object.fromEntries(sources) });
  return {
    engineOf: (lesson) => path.join(folder, `${path.basename(lesson)}.mjs`),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
