import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { ENGINE_FILES } from "./lesson-files.ts";
import { findLessons, repositoryRoot } from "./lessons.ts";

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
      const allowed = new Set([...below, "../sql/queries.ts", "shared/database"]);
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
  const files = sourceFiles(path.join(repositoryRoot, "shared"));

  test("imports no lesson", () => {
    const lesson = /lessons\/|^lesson-\d\d|^#engine/;
    expect(files.filter((file) => importsOf(file).some((name) => lesson.test(name)))).toEqual([]);
  });

  test("the database knows nothing of consoles, tests and tools", () => {
    const above = /\/(console|testing|tools|processes)\//;
    const database = files.filter(
      (file) => file.includes(`${path.sep}database${path.sep}`) && !file.endsWith(".test.ts"),
    );
    expect(database.length).toBeGreaterThan(0);
    expect(database.filter((file) => importsOf(file).some((name) => above.test(name)))).toEqual([]);
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
