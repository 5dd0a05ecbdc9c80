import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { undoOnExit } from "../../runtime/database/embedded/exit.ts";
import { builtFileOf } from "../../runtime/processes/built.ts";
import type { Lesson } from "../lessons/lessons.ts";

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
        ...(user ? [{ in: QUERIES_NEED, out: path.join(folder, "pgtyped") }] : []),
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
      plugins: [ownUrls, withoutParser(user?.path)],
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
    on: { filter: RegExp; namespace?: string },
    load: (file: { path: string }) => { contents: string; loader: "ts"; resolveDir?: string },
  ): void;
  onResolve(
    on: { filter: RegExp },
    resolve: (asked: Asked) => Resolved | Promise<Resolved | undefined> | undefined,
  ): void;
  resolve(name: string, asked: Omit<Asked, "path">): Promise<Resolved>;
};

type Asked = { path: string; importer: string; pluginData: unknown };
type Resolved = { path: string; namespace?: string; sideEffects?: boolean };

/**
 * Of `@pgtyped/runtime` the generated queries need one class, and none of its parser of SQL. That is a megabyte, and
 * to load it would take a process as long as to start.
 */
function withoutParser(user: string | undefined) {
  return {
    name: "without parser",
    setup(build: PluginBuild) {
      build.onResolve({ filter: /^queries need$/ }, () => ({
        path: QUERIES_NEED,
        namespace: QUERIES_NEED,
      }));
      build.onLoad({ filter: /.*/, namespace: QUERIES_NEED }, () => ({
        contents: `export { PreparedQuery } from "${PGTYPED}";`,
        loader: "ts",
        ...(user && { resolveDir: user }),
      }));
      // Who says of a module that to load it has no effects lets it be left out.
      build.onResolve({ filter: /.*/ }, async ({ path: name, pluginData, ...from }) => {
        if (pluginData === ASKED || !/@pgtyped|antlr4ts/.test(`${name} ${from.importer}`)) return;
        const resolved = await build.resolve(name, { ...from, pluginData: ASKED });
        return { ...resolved, sideEffects: false };
      });
    },
  };
}

const QUERIES_NEED = "queries need";
const ASKED = "asked";

/** The one that tsx runs on; a version of our own would be a second one to install. */
function esbuild(): { build(options: object): Promise<unknown> } {
  const ofTsx = createRequire(createRequire(import.meta.url).resolve("tsx"));
  return ofTsx("esbuild");
}
