import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { undoOnExit } from "../../runtime/database/embedded/exit.ts";
import { builtFileOf } from "../../runtime/processes/built.ts";
import type { Lesson } from "../lessons/lessons.ts";
import { bundle } from "./bundle.ts";

/** What tests and stories would compile many times, built once. */
export type Built = {
  /** For `BUILT_FOLDER`, see `builtFileOf`. */
  folder: string;
  /** The one file that stands for `@pgtyped/runtime`, if a lesson uses it. */
  pgtyped: string | undefined;
  remove(): void;
};

/**
 * Builds the engines and the programs that tests and stories start as processes of their own, those in `moreFolders`
 * among them. Loading one from its source costs a process 1.6 s of CPU time, most of it for tsx and the two hundred
 * files of pgtyped's parser, and some hundreds are started. Returns undefined if something cannot be built: then all
 * run from their sources, and the tests report what is wrong with it.
 */
export async function build(
  lessons: Lesson[],
  moreFolders: string[] = [],
): Promise<Built | undefined> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "durable-built-"));
  const removeFolder = () => rmSync(folder, { recursive: true, force: true });
  const takeBack = undoOnExit(removeFolder);
  const remove = () => {
    takeBack();
    removeFolder();
  };
  const files = lessons.flatMap(({ path: lesson }) => [
    ...[path.join(lesson, "engine/index.ts")].filter((engine) => existsSync(engine)),
    ...["proofs", "tests", "exercises", "story"].flatMap((kind) =>
      programsIn(path.join(lesson, kind)),
    ),
  ]);
  files.push(...moreFolders.flatMap(programsIn));
  const nameOf = (file: string) =>
    path.relative(folder, builtFileOf(file, folder)).replace(/\.mjs$/, "");
  const user = lessons.find((lesson) =>
    existsSync(path.join(lesson.path, "node_modules", PGTYPED)),
  );
  try {
    await bundle({
      folder,
      sources: {
        ...Object.fromEntries(files.map((file) => [nameOf(file), file])),
        ...(user && { pgtyped: QUERIES_NEED }),
      },
      ...(user && { workingFolder: user.path }),
      plugins: [ownUrls, withoutParser(user?.path)],
    });
  } catch {
    remove();
    return undefined;
  }
  return { folder, pgtyped: user && path.join(folder, "pgtyped.mjs"), remove };
}

export const PGTYPED = "@pgtyped/runtime";

/** Returns the files in a folder that are processes of their own: those that join a test, or end with their parent. */
function programsIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => path.join(folder, name))
    .filter((file) =>
      /"shared\/testing\/join-test"|endWithParent\(/.test(readFileSync(file, "utf8")),
    );
}

/** Makes `import.meta.url` of our own files name the source, not what was built from it: they read files beside it. */
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
 * Leaves out the SQL parser of `@pgtyped/runtime`: the generated queries need one class of it, and loading the parser,
 * a megabyte, takes a process as long as starting does.
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
      // esbuild may leave out a module whose loading has no effects.
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
