import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { beforeEach, expect, test, vi } from "vitest";
import { diffCommand } from "./diff-command.ts";
import { helpOf, printed, scratchFolder, write } from "./scratch-lessons.ts";

beforeEach(() => {
  vi.stubEnv("NO_COLOR", "");
  vi.stubEnv("FORCE_COLOR", "");
  return () => vi.unstubAllEnvs();
});

const ONE = "lessons/01-prerequisites";
const TWO = "lessons/02-simple-queue";

function twoLessons(): string {
  return scratchFolder({
    [`${ONE}/package.json`]: '{\n  "name": "lesson-01"\n}\n',
    [`${TWO}/package.json`]: '{\n  "name": "lesson-02"\n}\n',
  });
}

test("engine and SQL come first, from the lowest layer up", async () => {
  const root = twoLessons();
  const files = [
    "proofs/b.test.ts",
    "proofs/a.test.ts",
    "main.ts",
    "sql/upgrade.sql",
    "engine/zebra.ts",
    "engine/apple.ts",
    "engine/index.ts",
    "engine/worker.ts",
    "engine/execute.ts",
    "engine/context.ts",
    "engine/history.ts",
    "engine/client.ts",
    "engine/retry.ts",
    "engine/errors.ts",
    "engine/json.ts",
    "engine/task.ts",
    "sql/queries.sql",
    "sql/schema.sql",
  ];
  for (const file of files) write(root, { [`${TWO}/${file}`]: "one line\n" });
  const output = await printed(diffCommand(root), ["01", "02", "--stat", "--all"]);
  const shown = output.split("\n").flatMap((line) => /^(\S+\/\S+|main\.ts) /.exec(line)?.[1] ?? []);
  expect(shown).toEqual([
    "sql/schema.sql",
    "sql/queries.sql",
    "engine/errors.ts",
    "engine/json.ts",
    "engine/retry.ts",
    "engine/task.ts",
    "engine/client.ts",
    "engine/history.ts",
    "engine/context.ts",
    "engine/execute.ts",
    "engine/worker.ts",
    "engine/index.ts",
    "engine/apple.ts",
    "engine/zebra.ts",
    "sql/upgrade.sql",
    "main.ts",
    "proofs/a.test.ts",
    "proofs/b.test.ts",
  ]);
  const taught = await printed(diffCommand(root), ["01", "02", "--stat"]);
  expect(taught).toContain("main.ts");
  expect(taught).not.toContain("proofs/");
});

test("both lessons are named once, and then each file with its hunks", async () => {
  const root = twoLessons();
  write(root, {
    [`${ONE}/main.ts`]: "one\ntwo\n",
    [`${TWO}/main.ts`]: "one\n2\n",
    [`${TWO}/engine/task.ts`]: "new\n",
  });
  expect(await printed(diffCommand(root), ["1", "2"])).toBe(
    [
      "--- 01-prerequisites",
      "+++ 02-simple-queue",
      "",
      "engine/task.ts (new)",
      "@@ -0,0 +1 @@",
      "+new",
      "",
      "main.ts",
      "@@ -1,2 +1,2 @@",
      " one",
      "-two",
      "+2",
      "",
    ].join("\n"),
  );
});

test("the later lesson may come first", async () => {
  const root = twoLessons();
  write(root, { [`${TWO}/engine/task.ts`]: "new\n" });
  const output = await printed(diffCommand(root), ["02", "01"]);
  expect(output).toContain("--- 02-simple-queue\n+++ 01-prerequisites\n");
  expect(output).toContain("engine/task.ts (deleted)\n@@ -1 +0,0 @@\n-new\n");
});

test("READMEs, generated files, installed packages and how lines end are not shown", async () => {
  const root = twoLessons();
  for (const file of ["README.md", "CHANGES.diff", "sql/queries.ts", "node_modules/a/index.js"]) {
    write(root, { [`${TWO}/${file}`]: "new\n" });
  }
  write(root, { [`${ONE}/main.ts`]: "same\r\n", [`${TWO}/main.ts`]: "same\n" });
  expect(await printed(diffCommand(root), ["01", "02"])).toBe(
    "01-prerequisites and 02-simple-queue do not differ.\n",
  );
});

test("a line that differs only in the lesson's own name or number is not shown", async () => {
  const root = twoLessons();
  write(root, {
    [`${ONE}/main.ts`]: "run('lesson 01');\nopen('01-prerequisites');\nold();\n",
    [`${TWO}/main.ts`]: "run('lesson 02');\nopen('02-simple-queue');\nnew();\n",
    [`${ONE}/proofs/a.test.ts`]: "use('lesson_01');\n",
    [`${TWO}/proofs/a.test.ts`]: "use('lesson_02');\n",
  });
  const output = await printed(diffCommand(root), ["01", "02"]);
  expect(output).not.toContain("proofs");
  expect(output).not.toContain("package.json");
  expect(output.match(/^[-+](?![-+]).*/gm)).toEqual(["-old();", "+new();"]);
});

test("--stat counts lines by file and in total", async () => {
  const root = twoLessons();
  write(root, {
    [`${ONE}/main.ts`]: "one\ntwo\n",
    [`${TWO}/main.ts`]: "one\n2\n3\n",
    [`${TWO}/engine/task.ts`]: "x\n".repeat(10),
  });
  expect(await printed(diffCommand(root), ["01", "02", "--stat"])).toBe(
    [
      "--- 01-prerequisites",
      "+++ 02-simple-queue",
      "",
      "engine/task.ts   +10  -0",
      "main.ts           +2  -1",
      "total (2 files)  +12  -1",
      "",
    ].join("\n"),
  );
});

test("a wrong number says which lessons there are", async () => {
  await expect(printed(diffCommand(twoLessons()), ["01", "12"])).rejects.toThrow(
    'There is no lesson "12"; the lessons are 01, 02.',
  );
});

test("there are colours under FORCE_COLOR, and none under NO_COLOR or in a file", async () => {
  const root = twoLessons();
  write(root, { [`${TWO}/main.ts`]: "new\n" });
  expect(await printed(diffCommand(root), ["01", "02"])).not.toContain("\u001b");
  vi.stubEnv("FORCE_COLOR", "1");
  expect(await printed(diffCommand(root), ["01", "02"])).toContain("\u001b[32m+new\u001b[39m");
  vi.stubEnv("NO_COLOR", "1");
  expect(await printed(diffCommand(root), ["01", "02"])).not.toContain("\u001b");
});

test("a reader who closes the pipe sees no error", async () => {
  const root = twoLessons();
  write(root, { [`${TWO}/main.ts`]: "a line of some length\n".repeat(50_000) });
  const diff = new URL("./diff-command.ts", import.meta.url).href;
  write(root, {
    "run.mts": `import { diffCommand } from ${JSON.stringify(diff)};
      await diffCommand(${JSON.stringify(root)}).parseAsync(["01", "02"], { from: "user" });`,
  });
  const tsx = createRequire(import.meta.url).resolve("tsx/cli");
  const child = spawn(process.execPath, [tsx, path.join(root, "run.mts")], {
    env: { ...process.env, NO_COLOR: undefined, FORCE_COLOR: undefined },
  });
  let errors = "";
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  child.stdout.once("data", () => child.stdout.destroy());
  const code = await new Promise((resolve) => child.on("close", resolve));
  expect({ code, errors }).toEqual({ code: 0, errors: "" });
});

test("a missing git is said in one line", async () => {
  const root = twoLessons();
  write(root, { [`${TWO}/main.ts`]: "new\n" });
  vi.stubEnv("PATH", root);
  await expect(printed(diffCommand(root), ["01", "02"])).rejects.toThrow("git is not installed");
});

test("--help shows examples", () => {
  expect(helpOf(diffCommand())).toContain("pnpm lesson diff 04 05");
});
