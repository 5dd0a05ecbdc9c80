import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { read, scratchFolder, TWO_LESSONS, write } from "../lessons/scratch-lessons.ts";
import { report } from "./report.ts";

import { updateDocs } from "./update.ts";

const README = "lessons/02-two/README.md";

const FILES = {
  "lessons/01-one/engine/task.ts":
    "/** A task. */\nexport const task = 1;\nexport const gone = 1;\n",
  "lessons/01-one/sql/schema.sql":
    "create table tasks (\n  id int,\n\n  name text\n);\ncreate table old (id int);\n",
  "lessons/02-two/engine/task.ts":
    "/** A task. */\nexport const task = 2;\n\nexport type Task = {};\n",
  "lessons/02-two/sql/schema.sql":
    "create table tasks (\n  id int,\n\n  status text,\n  name text\n);\ncreate table new (id int);\n",
  "lessons/02-two/sql/queries.sql":
    "/* Never twice. */\n/* @name claimTasks */\nselect 1;\n\n/* @name other */\nselect 2;\n",
};

/** Returns a repository with two lessons of these files; `others` adds files or replaces them. */
const scratchLessons = (files: Record<string, string> = {}): string =>
  scratchFolder({ ...TWO_LESSONS, ...FILES, ...files });

const fence = (info: string, ...lines: string[]) =>
  [`\`\`\`${info}`, ...lines, "```", ""].join("\n");

/** Returns the text of lesson 02's only block after it was filled, or the problem that prevented that. */
async function filled(info: string): Promise<string> {
  const root = scratchLessons({ [README]: fence(info) });
  const { problems } = await updateDocs({ root });
  if (problems.length > 0) return problems.join("\n");
  return read(root, README).split("\n").slice(1, -2).join("\n");
}

async function problemsOf(readme: string, root: string = scratchLessons()): Promise<string[]> {
  write(root, { [README]: readme });
  return (await updateDocs({ root, check: true })).problems;
}

test("a ts block is filled from a file or from its symbols", async () => {
  expect(await filled("ts engine/task.ts")).toBe(FILES["lessons/02-two/engine/task.ts"].trimEnd());
  expect(await filled("ts engine/task.ts#task,Task")).toBe(
    "/** A task. */\nexport const task = 2;\n\nexport type Task = {};",
  );
  expect(await filled("ts ../01-one/engine/task.ts#gone")).toBe("export const gone = 1;");
});

test("a sql block is filled from a query or a created object", async () => {
  expect(await filled("sql sql/queries.sql#claimTasks")).toBe(
    "/* Never twice. */\n/* @name claimTasks */\nselect 1;",
  );
  expect(await filled("sql sql/schema.sql#new")).toBe("create table new (id int);");
});

test("a diff block compares the whole symbol with the lesson before", async () => {
  expect(await filled("diff sql/schema.sql#tasks")).toBe(
    " create table tasks (\n   id int,\n\n+  status text,\n   name text\n );",
  );
  expect(await filled("diff sql/schema.sql#new,old")).toBe(
    "+create table new (id int);\n\n-create table old (id int);",
  );
  expect(await filled("diff sql/queries.sql#other")).toBe("+/* @name other */\n+select 2;");
  expect(await filled("diff engine/task.ts")).toContain("-export const task = 1;");
});

test("the diff blocks of the lesson after the last rewritten one are left as they are", async () => {
  const diffs = fence("diff sql/schema.sql#tasks", "old") + fence("diff engine/gone.ts");
  const root = scratchLessons({ [README]: diffs + fence("ts engine/task.ts#Task") });
  const { problems, blocks } = await updateDocs({ root, rewrittenUpTo: "01" });
  expect({ problems, blocks }).toEqual({ problems: [], blocks: 1 });
  expect(read(root, README)).toBe(
    diffs + fence("ts engine/task.ts#Task", "export type Task = {};"),
  );
});

test("a diff block fails if there is nothing to compare", async () => {
  expect(await filled("diff sql/schema.sql#none")).toContain(
    "sql/schema.sql has no none; it has tasks, new",
  );
  expect(await filled("diff sql/none.sql")).toContain("there is no file sql/none.sql");
  const root = scratchLessons({ "lessons/01-one/README.md": fence("diff engine/task.ts") });
  const { problems } = await updateDocs({ root, lessons: ["1"] });
  expect(problems[0]).toContain("lessons/01-one/README.md:1: there is no lesson before");
});

test("for a block whose source is missing or unknown, the error says what to write", async () => {
  expect(await problemsOf(`# Two\n\n${fence("ts", "x")}`)).toEqual([
    `${README}:3: a ts block has no source; name one: \`\`\`ts engine/worker.ts#Worker`,
  ]);
  expect(await problemsOf(fence("ts engine/task.ts#tasks"))).toEqual([
    `${README}:1: engine/task.ts has no tasks; it has task, Task`,
  ]);
  expect(await problemsOf(fence("sql engine/task.ts"))).toEqual([
    expect.stringContaining(".sql file"),
  ]);
  expect(await problemsOf(fence("typescript", "x"))).toEqual([
    expect.stringContaining("call it ts"),
  ]);
  expect(await problemsOf("[x](none.md)\n")).toEqual([
    expect.stringContaining(`${README}:1: the link`),
  ]);
});

test("a block that GitHub would not render as a block is a problem in any language", async () => {
  expect(await problemsOf("```bash\nx\n")).toEqual([
    `${README}:1: this block is never closed; end it with \`\`\``,
  ]);
  expect(await problemsOf(`<details>\n${fence("ts engine/task.ts")}\n</details>\n`)).toEqual([
    expect.stringContaining(`${README}:2: this block is inside HTML`),
  ]);
});

test("other blocks are left alone", async () => {
  const readme = ["bash", "text", "json", "mermaid", ""].map((info) => fence(info, "x")).join("\n");
  expect(await problemsOf(readme)).toEqual([]);
});

test("a check changes nothing and shows the difference; after an update it passes", async () => {
  const readme = `# Two\n\n- item\n\n  ${fence("ts engine/task.ts#task", "export const task = 9;").replaceAll("\n", "\n  ")}`;
  const root = scratchLessons({ [README]: readme });

  const checked = await updateDocs({ root, check: true });
  expect(read(root, README)).toBe(readme);
  expect(stripVTControlCharacters(report(checked, true)).split("\n")).toEqual([
    `${README}:5: ts engine/task.ts#task is out of date (- document, + source)`,
    "  -export const task = 9;",
    "  +/** A task. */",
    "  +export const task = 2;",
    "run pnpm lesson docs",
  ]);

  const updated = await updateDocs({ root });
  expect(updated.changed).toEqual([README]);
  expect(read(root, README)).toContain("\n  /** A task. */\n  export const task = 2;\n  ```");
  expect(await updateDocs({ root, check: true })).toEqual({
    problems: [],
    stale: [],
    changed: [],
    blocks: 1,
  });
});

test("a README keeps its CRLF line endings, whatever those of its sources", async () => {
  const root = scratchLessons({
    "lessons/02-two/engine/task.ts": "export const task = {\r\n  a: 1,\r\n};\r\n",
    [README]: "# Two\r\n\r\n```ts engine/task.ts#task\r\nold\r\n```\r\n",
  });
  await updateDocs({ root });
  expect(read(root, README)).toBe(
    "# Two\r\n\r\n```ts engine/task.ts#task\r\nexport const task = {\r\n  a: 1,\r\n};\r\n```\r\n",
  );
  expect((await updateDocs({ root, check: true })).stale).toEqual([]);
});

test("every Markdown file of the repository is read, with paths relative to its folder", async () => {
  const root = scratchLessons({
    "CONTRIBUTING.md": "[x](none)\n",
    "lessons/NAMES.md": "[x](01-one) [y](none)\n",
    "lessons/02-two/CHANGES.md": fence("diff engine/none.ts", "any"),
    "lessons/02-two/exercises/README.md": fence("ts ../engine/task.ts#Task"),
    "lessons/02-two/node_modules/a/README.md": "[x](none)\n",
  });
  expect((await updateDocs({ root })).problems.map((problem) => problem.split(": ")[0])).toEqual([
    "CONTRIBUTING.md:1",
    "lessons/NAMES.md:1",
  ]);
  expect(read(root, "lessons/02-two/exercises/README.md")).toBe(
    fence("ts ../engine/task.ts#Task", "export type Task = {};"),
  );
});

test("only the chosen documents are read", async () => {
  const answers = "lessons/02-two/exercises/README.md";
  const root = scratchLessons({
    "README.md": fence("ts"),
    "CONTRIBUTING.md": fence("ts"),
    [README]: fence("ts"),
    [answers]: fence("ts"),
  });
  const problems = async (...lessons: string[]) =>
    (await updateDocs({ root, lessons })).problems.map((problem) => problem.split(":")[0]);
  expect(await problems("readme")).toEqual(["README.md"]);
  expect(await problems("2")).toEqual([README, answers]);
  expect(await problems()).toEqual(["README.md", README, "CONTRIBUTING.md", answers]);
  await expect(problems("9")).rejects.toThrow('There is no lesson "9"');
});

test("a lesson without a README is a problem", async () => {
  const root = scratchFolder({ "README.md": "", "lessons/03-three/package.json": "{}" });
  expect((await updateDocs({ root })).problems).toEqual([
    "lessons/03-three/README.md: there is no such file; write it",
  ]);
});
