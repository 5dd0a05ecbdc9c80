import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { ENGINE_FILES } from "../lessons/files.ts";
import { findLessons, repositoryRoot } from "../lessons/lessons.ts";

const lessons = findLessons().map((lesson) => ({
  ...lesson,
  files: engineFiles(path.join(lesson.path, "engine")),
}));

describe.each(lessons)("the engine of lesson $number", ({ path: lesson, files }) => {
  test("has no file that the layers do not know", () => {
    expect(files.filter((file) => !ENGINE_FILES.includes(file))).toEqual([]);
    expect(files).toContain("index.ts");
  });

  test.each(files)(
    "%s imports only from files below it, from the SQL and from packages",
    (file) => {
      const below = ENGINE_FILES.slice(0, ENGINE_FILES.indexOf(file)).map((name) => `./${name}`);
      const allowed = new Set([...below, "../sql/queries.ts", "shared/database", "shared/values"]);
      const imported = importsOf(path.join(lesson, "engine", file));
      expect(imported.filter((name) => !allowed.has(name) && !name.startsWith("node:"))).toEqual(
        [],
      );
    },
  );

  test("does not speak of lessons or tests", () => {
    const course = /\b(lessons?|demo|forTesting)\b/i;
    const sql = readdirSync(path.join(lesson, "sql")).filter((file) => file.endsWith(".sql"));
    const taught = [...files.map((file) => `engine/${file}`), ...sql.map((file) => `sql/${file}`)];
    const speaks = taught.filter((file) =>
      course.test(readFileSync(path.join(lesson, file), "utf8")),
    );
    expect(speaks).toEqual([]);
  });
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

function engineFiles(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
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
