import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { undoOnExit } from "../../database/embedded/exit.ts";
import { builtFileOf } from "../../processes/built.ts";
import type { Lesson } from "../lessons.ts";

/** What the staircase would load many times, put together once. */
export type Built = {
  /** For `BUILT_FOLDER`, see `builtFileOf`. */
  folder: string;
  /** The one file that `@pgtyped/runtime` is then. */
  pgtyped: string | undefined;
  remove(): void;
};

/**
 * Builds the engines and the programs that tests start as processes of their own. To load one from its source
 * costs a process 1.6 s of computing, most of it for tsx and for the two hundred files of pgtyped's parser, and
 * the staircase starts some hundreds. Undefined if something cannot be built: then all run from their sources,
 * and the tests tell what is wrong with it.
 */
export async function build(lessons: Lesson[]): Promise<Built | undefined> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "durable-built-"));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  const takeBack = undoOnExit(removeFolder);
  const remove = () => {
    takeBack();
    removeFolder();
  };
  const sources = lessons.flatMap(({ path: lesson }) => [
    path.join(lesson, "engine/index.ts"),
    ...["proofs", "tests"].flatMap((kind) => programsIn(path.join(lesson, kind))),
  ]);
  const outOf = (source: string) => builtFileOf(source, folder).replace(/\.mjs$/, "");
  const user = lessons.find((lesson) =>
    existsSync(path.join(lesson.path, "node_modules", PGTYPED)),
  );
  try {
    await esbuild().build({
      ...(user && { absWorkingDir: user.path }),
      entryPoints: [
        ...sources
          .filter((source) => existsSync(source))
          .map((source) => ({ in: source, out: outOf(source) })),
        ...(user ? [{ in: PGTYPED, out: path.join(folder, "pgtyped") }] : []),
      ],
      outdir: folder,
      outExtension: { ".js": ".mjs" },
      bundle: true,
      // A module that two of them load stays one: the classes of the errors are compared.
      splitting: true,
      format: "esm",
      platform: "node",
      target: "node20",
      // Names of errors end up in the database.
      keepNames: true,
      banner: { js: REQUIRE },
      plugins: [ownUrls],
      logLevel: "silent",
    });
  } catch {
    remove();
    return undefined;
  }
  return { folder, pgtyped: user && path.join(folder, "pgtyped.mjs"), remove };
}

export const PGTYPED = "@pgtyped/runtime";

// For packages that are CommonJS inside.
const REQUIRE = `import { createRequire as requireOf } from "node:module"; var require = requireOf(import.meta.url);`;

/** The files in a folder that are processes of their own: those that join a test. */
function programsIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => path.join(folder, name))
    .filter((file) => readFileSync(file, "utf8").includes('"shared/testing/join-test"'));
}

/** A file of ours that asks where it is hears of its source, not of what was built from it. */
const ownUrls = {
  name: "own urls",
  setup(build: PluginBuild) {
    build.onLoad({ filter: /\.ts$/ }, ({ path: file }) => ({
      contents: readFileSync(file, "utf8").replaceAll(
        "import.meta.url",
        JSON.stringify(pathToFileURL(file).href),
      ),
      loader: "ts",
    }));
  },
};

type PluginBuild = {
  onLoad(
    on: { filter: RegExp },
    load: (file: { path: string }) => { contents: string; loader: "ts" },
  ): void;
};

/** The one that tsx runs on; a version of our own would be a second one to install. */
function esbuild(): { build(options: object): Promise<unknown> } {
  const ofTsx = createRequire(createRequire(import.meta.url).resolve("tsx"));
  return ofTsx("esbuild");
}
