import { expect, test } from "vitest";
import { changesCommand } from "./changes-command.ts";
import { type Files, printed, read, scratchFolder, write } from "./scratch-lessons.ts";

const ONE = "lessons/01-prerequisites";
const TWO = "lessons/02-simple-queue";
const CHANGES = `${TWO}/CHANGES.md`;

const SCHEMA = "-- A map.\n\ncreate table tasks (\n  id int,\n  name text\n);\n";
const WORKER = `import { a } from "./a.ts";

export class Worker {
  #slots = 1;

  tick(): void {
    a();
  }

  stop(): void {}
}
`;

/** Returns a repository with two lessons; the second differs from the first in these files. */
function twoLessons(changed: Files): string {
  const files = { "package.json": "{}", "sql/schema.sql": SCHEMA, "engine/worker.ts": WORKER };
  const within = (lesson: string, each: Files) =>
    Object.fromEntries(Object.entries(each).map(([file, text]) => [`${lesson}/${file}`, text]));
  return scratchFolder({ ...within(ONE, files), ...within(TWO, { ...files, ...changed }) });
}

/** Returns the blocks of lesson 02 after they were filled, one in each part, with these sources. */
async function filled(root: string, ...parts: string[]): Promise<string[]> {
  const part = (info: string, index: number) =>
    `## Part ${index + 1} · It\n\nText.\n\n\`\`\`diff ${info}\n\`\`\`\n`;
  write(root, { [CHANGES]: `# Two\n\n${parts.map(part).join("\n")}` });
  await printed(changesCommand(root), []);
  expect(await printed(changesCommand(root), ["--check"])).toContain(`${parts.length} parts`);
  return read(root, CHANGES)
    .split(/```.*\n/)
    .filter((_, index) => index % 2 === 1);
}

const problems = (root: string, ...parts: string[]): Promise<string> =>
  filled(root, ...parts).then(
    () => "",
    (error: Error) => error.message,
  );

test("without a CHANGES.md, a draft is written, and the author must describe its part", async () => {
  const root = twoLessons({ "engine/b.ts": "export const b = 1;\n", "sql/queries.ts": "new\n" });
  await expect(printed(changesCommand(root), [])).rejects.toThrow("part 1 has no text");
  const draft = `# 02 · Simple queue: what changes

## Part 1 · Simple queue

\`\`\`diff engine/b.ts
@@ engine/b.ts (new) b @@
+export const b = 1;
\`\`\`
`;
  expect(read(root, CHANGES)).toBe(draft);
  write(root, { [CHANGES]: draft.replace("queue\n\n`", "queue\n\nText.\n\n`") });
  expect(await printed(changesCommand(root), ["--check"])).toContain("one of 1 parts");
});

test("--check fails after an edit and changes nothing; line endings do not matter", async () => {
  const root = twoLessons({ "engine/b.ts": "export const b = 1;\n" });
  await filled(root, "engine/b.ts");
  const before = read(root, CHANGES);
  write(root, { [CHANGES]: before.replaceAll("\n", "\r\n") });
  await printed(changesCommand(root), ["--check"]);
  write(root, { [CHANGES]: before, [`${TWO}/engine/b.ts`]: "export const b = 2;\n" });
  await expect(printed(changesCommand(root), ["--check"])).rejects.toThrow("pnpm lesson changes");
  expect(read(root, CHANGES)).toBe(before);
});

test("a file's block shows the changes that no other block names more precisely, including imports", async () => {
  const worker = WORKER.replace('"./a.ts";', '"./a.ts";\nimport { b } from "./b.ts";')
    .replace("#slots = 1;", "#slots = 2;")
    .replace("a();", "a();\n    b();");
  const root = twoLessons({ "engine/worker.ts": worker });
  const tick = "@@ Worker.tick @@\n   tick(): void {\n     a();\n+    b();\n   }\n";
  expect(await filled(root, "engine/worker.ts#Worker.tick", "engine/worker.ts")).toEqual([
    tick.replace("@@ ", "@@ engine/worker.ts "),
    `@@ engine/worker.ts @@
 import { a } from "./a.ts";
+import { b } from "./b.ts";

 export class Worker {
-  #slots = 1;
+  #slots = 2;
`,
  ]);
  const [first] = await filled(root, "engine/worker.ts#Worker.tick,Worker.#slots");
  expect(first).toMatch(/^@@ engine\/worker.ts @@\n.*\n\+import .*\n@@ Worker.tick @@\n/);
});

test("an earlier part does not show the changes of a later one; a later part builds on it", async () => {
  const schema = SCHEMA.replace(
    "name text",
    "name text,\n  -- Raised by each claim.\n  fence int,\n  attempt int",
  );
  const root = twoLessons({ "sql/schema.sql": schema });
  const parts = ["sql/schema.sql#tasks", "sql/schema.sql#tasks.fence"];
  expect(await filled(root, ...parts)).toEqual([
    `@@ sql/schema.sql tasks @@
 create table tasks (
   id int,
-  name text
+  name text,
+  attempt int
 );
`,
    `@@ sql/schema.sql tasks @@
 create table tasks (
   id int,
   name text,
+  -- Raised by each claim.
+  fence int,
   attempt int
 );
`,
  ]);
});

test("a removed line is shown with its replacement", async () => {
  const root = twoLessons({
    "sql/schema.sql": SCHEMA.replace("id int", "id bigint").replace("map", "list"),
  });
  const [first, second] = await filled(root, "sql/schema.sql#list", "sql/schema.sql#tasks.bigint");
  expect(first).toBe("@@ sql/schema.sql @@\n--- A map.\n+-- A list.\n");
  expect(second).toContain("-  id int,\n+  id bigint,\n");
});

test("a changed line in no part is reported with its place and its name", async () => {
  const worker = WORKER.replace("a();", "").replace(
    "stop(): void {}",
    "stop(): void {\n    a();\n  }",
  );
  const root = twoLessons({ "engine/worker.ts": worker, "sql/schema.sql": `${SCHEMA}\n-- End.\n` });
  expect(await problems(root, "engine/worker.ts#Worker.stop")).toBe(
    [
      `${TWO}/sql/schema.sql:8: this change is in no part; name sql/schema.sql in CHANGES.md`,
      `${ONE}/engine/worker.ts:7: this change is in no part; name engine/worker.ts#Worker.tick in CHANGES.md`,
    ].join("\n"),
  );
});

test("a name that matches no line is reported, and so is a wrong number in a heading", async () => {
  const root = twoLessons({ "sql/schema.sql": SCHEMA.replace("id int", "id bigint") });
  const named = (name: string) => `no changed line is left for ${name}; remove it`;
  expect(await problems(root, "sql/schema.sql", "sql/schema.sql")).toContain(
    named("sql/schema.sql"),
  );
  expect(await problems(root, "sql/schema.sql#tasks,tasks.nmae")).toContain(
    `${CHANGES}:7: ${named("sql/schema.sql#tasks.nmae")}`,
  );
  expect(await problems(root, "sql/schema.sql", "engine/worker.ts")).toContain(
    `${CHANGES}:20: "engine/worker.ts" has not changed; remove it`,
  );
  for (const heading of ["## Part 2 · It", "## It", "# Part 1 · It"]) {
    write(root, { [CHANGES]: `${heading}\n\nText.\n\n\`\`\`diff sql/schema.sql\n\`\`\`\n` });
    await expect(printed(changesCommand(root), [])).rejects.toThrow('must be "## Part 1 · "');
  }
});

test("a symbol that only moved has not changed; a file can be renamed, or deleted", async () => {
  const moved = WORKER.replace("\n  stop(): void {}\n", "").replace(
    "  tick",
    "  stop(): void {}\n\n  tick",
  );
  const root = twoLessons({ "engine/worker.ts": moved, "engine/loop.ts": "export const a = 1;\n" });
  write(root, {
    [`${ONE}/engine/old.ts`]: "export const a = 0;\n",
    [`${ONE}/engine/c.ts`]: "c;\n",
  });
  expect(await filled(root, "engine/loop.ts from engine/old.ts", "engine/c.ts")).toEqual([
    "@@ engine/loop.ts (was engine/old.ts) a @@\n-export const a = 0;\n+export const a = 1;\n",
    "@@ engine/c.ts (deleted) @@\n-c;\n",
  ]);
  // A file that is still there was not renamed.
  const name = "engine/loop.ts from engine/worker.ts";
  expect(await problems(root, name, "engine/old.ts", "engine/c.ts")).toBe("");
  expect(read(root, CHANGES)).toContain("@@ engine/loop.ts (new) a @@");
});

test("the parts of the lesson after the last rewritten one are open: they are neither filled nor checked", async () => {
  const root = twoLessons({ "engine/b.ts": "export const b = 1;\n" });
  const stale = "## Part 1 · It\n\nText.\n\n```diff engine/gone.ts\n```\n";
  write(root, { [CHANGES]: stale });
  for (const args of [[], ["--check"]]) {
    expect(await printed(changesCommand(root, "01"), args)).toBe(
      [
        "Lesson 02 does not build on the rewritten lesson 01 yet: its parts are open, and its CHANGES.md is left as it is.",
        "Every changed line is in one of 0 parts.",
        "",
      ].join("\n"),
    );
  }
  expect(read(root, CHANGES)).toBe(stale);
});
