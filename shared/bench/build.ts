import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { repositoryRoot } from "../tools/lessons/lessons.ts";
import type { Contestant } from "./contestants.ts";

export type Built = {
  /** The file of a lesson's engine, by the lesson's folder. */
  engineOf(lesson: string): string;
  remove(): void;
};

/**
 * Makes each lesson's engine one JavaScript file, as one would to run it anywhere: the peers come as JavaScript too, and
 * to compile an engine in the process that is measured would count as its memory.
 */
export async function buildEngines(contestants: readonly Contestant[]): Promise<Built> {
  const lessons = contestants.flatMap(({ lesson }) => (lesson === undefined ? [] : [lesson]));
  const folder = mkdtempSync(path.join(os.tmpdir(), "durable-bench-"));
  const engineOf = (lesson: string) => path.join(folder, `${path.basename(lesson)}.mjs`);
  await esbuild().build({
    entryPoints: lessons.map((lesson) => ({
      in: path.join(lesson, "engine/index.ts"),
      out: path.basename(lesson),
    })),
    outdir: folder,
    outExtension: { ".js": ".mjs" },
    absWorkingDir: repositoryRoot,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    // Names of errors end up in the database.
    keepNames: true,
    banner: { js: REQUIRE },
    logLevel: "error",
  });
  return {
    engineOf,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

// For packages that are CommonJS inside.
const REQUIRE = `import { createRequire as requireOf } from "node:module"; var require = requireOf(import.meta.url);`;

/** The one that tsx runs on. */
function esbuild(): { build(options: object): Promise<unknown> } {
  const ofTsx = createRequire(createRequire(import.meta.url).resolve("tsx"));
  return ofTsx("esbuild");
}
