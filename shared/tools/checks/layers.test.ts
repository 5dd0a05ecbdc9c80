import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { engineImports, isTaught, lessonFiles } from "../lessons/files.ts";
import { findLessons, repositoryRoot } from "../lessons/lessons.ts";

// An engine's folders from below; the files beside them come first, and `index.ts` last.
const FOLDERS = ["", "io", "durable", "worker"];
const INDEX = "engine/index.ts";
const CLIENT = "engine/client.ts";
const OUTSIDE = ["shared/console", "shared/database", "shared/values"];

describe.each(findLessons())("the engine of lesson $number", (lesson) => {
  const engine = lessonFiles(lesson).filter((file) => isTaught(file) && file.endsWith(".ts"));
  const textOf = (file: string) => readFileSync(path.join(lesson.path, file), "utf8");

  test("has no cycle of imports, and index.ts above all", () => {
    // Reading order puts a file behind all that it imports, unless there is a cycle.
    const early = engine.flatMap((file, index) =>
      engineImports(lesson, file)
        .filter((imported) => !engine.slice(0, index).includes(imported))
        .map((imported) => `${file} → ${imported}`),
    );
    expect(early).toEqual([]);
    expect(engine.at(-1)).toBe("engine/index.ts");
  });

  test.each(engine)("%s imports only from below, from the SQL and from packages", (file) => {
    const wrong = importsOf(path.join(lesson.path, file)).filter((name) => !mayImport(file, name));
    expect(wrong).toEqual([]);
  });

  test("does not speak of lessons or tests", () => {
    const course = /\b(lessons?|demo|forTesting)\b/i;
    const texts = lessonFiles(lesson).filter(
      (file) => isTaught(file) || file === "sql/upgrade.sql",
    );
    expect(texts.filter((file) => course.test(textOf(file)))).toEqual([]);
  });
});

test("an engine's folders import downwards, and the client and they do not know each other", () => {
  expect(mayImport("engine/worker/claim.ts", "../durable/context.ts")).toBe(true);
  expect(mayImport("engine/durable/context.ts", "../worker/lease.ts")).toBe(false);
  expect(mayImport("engine/task.ts", "./durable/context.ts")).toBe(false);
  expect(mayImport("engine/client.ts", "./io/batches.ts")).toBe(false);
  expect(mayImport("engine/worker/claim.ts", "../client.ts")).toBe(false);
  expect(mayImport("engine/index.ts", "./client.ts")).toBe(true);
  expect(mayImport("engine/task.ts", "shared/testing")).toBe(false);
  expect(mayImport("engine/index.ts", "../story/run.ts")).toBe(false);
  expect(mayImport("engine/other/a.ts", "./b.ts")).toBe(false);
});

describe("shared/", () => {
  const shared = path.join(repositoryRoot, "shared");
  const files = sourceFiles(shared);

  test("imports no lesson", () => {
    const lessonsFolder = path.join(repositoryRoot, "lessons") + path.sep;
    const isOfLesson = (file: string, name: string) =>
      /^lesson-\d\d|^#engine/.test(name) ||
      path.resolve(path.dirname(file), name).startsWith(lessonsFolder);
    expect(files.filter((file) => importsOf(file).some((name) => isOfLesson(file, name)))).toEqual(
      [],
    );
  });

  // Each folder imports only from itself and from those above it in this list.
  const layers = ["values", "runtime", "testing", "commands", "soak", "tools", "bench"];
  const layerOf = (file: string) =>
    layers.indexOf(path.relative(shared, file).split(path.sep)[0] as string);

  test("has no other folder with code", () => {
    expect(files.filter((file) => layerOf(file) < 0)).toEqual([]);
  });

  test.each(layers)("%s/ imports only from itself and from what is below it", (layer) => {
    const own = layers.indexOf(layer);
    const above = files
      .filter((file) => layerOf(file) === own && !file.endsWith(".test.ts"))
      .flatMap((file) => {
        const imported = importsOf(file).filter((name) => name.startsWith("."));
        return imported.filter((name) => layerOf(path.resolve(path.dirname(file), name)) > own);
      });
    expect(above).toEqual([]);
  });
});

function mayImport(file: string, name: string): boolean {
  if (!name.startsWith(".")) return name.startsWith("node:") || OUTSIDE.includes(name);
  const imported = path.posix.join(path.posix.dirname(file), name);
  if (imported === "sql/queries.ts") return true;
  const level = (of: string) =>
    of === INDEX ? FOLDERS.length : FOLDERS.indexOf(/^engine\/(?:(\w+)\/)?/.exec(of)?.[1] ?? "");
  if (imported === CLIENT && file !== INDEX && level(file) > 0) return false;
  return imported.startsWith("engine/") && level(imported) >= 0 && level(imported) <= level(file);
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) {
      return ["node_modules", "fixture"].includes(entry.name) ? [] : sourceFiles(file);
    }
    return file.endsWith(".ts") ? [file] : [];
  });
}

function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(file, "utf8"), true, true);
  return importedFiles.map(({ fileName }) => fileName);
}
