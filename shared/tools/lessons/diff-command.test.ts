import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { diffCommand } from "./diff-command.ts";
import { printed, scratchFolder, write } from "./scratch-lessons.ts";

beforeEach(() => {
  vi.stubEnv("NO_COLOR", "");
  vi.stubEnv("FORCE_COLOR", "");
  return () => vi.unstubAllEnvs();
});

const ONE = "lessons/01-prerequisites";
const TWO = "lessons/02-simple-queue";
const THREE = "lessons/03-concurrency-limits";

const lesson = (number: string) => `{\n  "name": "lesson-${number}"\n}\n`;

function threeLessons(): string {
  return scratchFolder({
    [`${ONE}/package.json`]: lesson("01"),
    [`${TWO}/package.json`]: lesson("02"),
    [`${THREE}/package.json`]: lesson("03"),
  });
}

const CHANGES = `# Two

## Part 1 · One idea

It is good.

\`\`\`diff engine/task.ts#task
\`\`\`

## Part 2 · Another

So is this.

\`\`\`diff engine/task.ts
\`\`\`
`;

function twoParts(): string {
  const root = threeLessons();
  write(root, {
    [`${ONE}/engine/task.ts`]: "export const task = 1;\n",
    [`${TWO}/engine/task.ts`]: "export const task = 2;\n\nexport const more = 1;\n",
    [`${TWO}/main.ts`]: "new\n",
    [`${TWO}/CHANGES.md`]: CHANGES,
  });
  return root;
}

test("a lesson's diff is printed part by part, whether its CHANGES.md is filled or not", async () => {
  const root = twoParts();
  const first = [
    "Part 1 · One idea\n\nIt is good.\n",
    "@@ engine/task.ts task @@",
    "-export const task = 1;",
    "+export const task = 2;",
    "",
  ].join("\n");
  const second = [
    "Part 2 · Another\n\nSo is this.\n",
    "@@ engine/task.ts more @@",
    "+export const more = 1;",
    "",
  ].join("\n");
  const names = "--- 01-prerequisites\n+++ 02-simple-queue\n\n";
  expect(await printed(diffCommand(root), ["01", "02"])).toBe(`${names}${first}\n${second}`);
  expect(await printed(diffCommand(root), ["1", "2", "--part", "2"])).toBe(names + second);
  expect(await printed(diffCommand(root), ["01", "02", "--stat"])).toBe(
    [
      `${names}Part 1 · One idea  +1  -1`,
      "Part 2 · Another   +1  -0",
      "total (2 parts)    +2  -1",
      "",
    ].join("\n"),
  );
});

test("a part that does not exist is refused", async () => {
  const root = twoParts();
  await expect(printed(diffCommand(root), ["01", "02", "--part", "3"])).rejects.toThrow(
    "Lesson 02 has no part 3; its parts are:\n  Part 1 · One idea\n  Part 2 · Another",
  );
  await expect(printed(diffCommand(root), ["02", "01", "--part", "1"])).rejects.toThrow(
    "remove --part",
  );
});

test("other pairs of lessons are compared file by file, each file before those that import it", async () => {
  const root = threeLessons();
  const imports = (...names: string[]) => names.map((name) => `import "./${name}.ts";\n`).join("");
  write(root, {
    [`${THREE}/proofs/a.test.ts`]: "x\n",
    [`${THREE}/main.ts`]: "x\n",
    [`${THREE}/sql/upgrade.sql`]: "x\n",
    [`${THREE}/sql/queries.sql`]: "x\n",
    [`${THREE}/sql/schema.sql`]: "x\n",
    [`${THREE}/engine/index.ts`]: imports("client", "worker/loop"),
    [`${THREE}/engine/client.ts`]: imports("task"),
    [`${THREE}/engine/task.ts`]: "export {} from '';\n",
    [`${THREE}/engine/apart.ts`]: imports("task"),
    [`${THREE}/engine/worker/loop.ts`]: imports("claim").replace(".", "./../worker"),
    [`${THREE}/engine/worker/claim.ts`]: "x\n",
  });
  const files = async (...args: string[]) => {
    const output = await printed(diffCommand(root), ["01", "03", "--stat", ...args]);
    return output.split("\n").flatMap((line) => /^(\S+\.\w+) \(new\) /.exec(line)?.[1] ?? []);
  };
  const taught = [
    "sql/schema.sql",
    "sql/queries.sql",
    "engine/task.ts",
    "engine/client.ts",
    "engine/worker/claim.ts",
    "engine/worker/loop.ts",
    "engine/apart.ts",
    "engine/index.ts",
    "sql/upgrade.sql",
    "main.ts",
  ];
  expect(await files()).toEqual(taught);
  expect(await files("--all")).toEqual([...taught, "proofs/a.test.ts"]);
});

test("the diff of the lesson after the last rewritten one is printed file by file, as its parts are open", async () => {
  const root = twoParts();
  const errors = vi.spyOn(console, "error").mockImplementation(() => {});
  onTestFinished(() => errors.mockRestore());
  expect(await printed(diffCommand(root, "01"), ["01", "02", "--stat"])).toBe(
    [
      "--- 01-prerequisites",
      "+++ 02-simple-queue",
      "",
      "engine/task.ts   +3  -1",
      "main.ts (new)    +1  -0",
      "total (2 files)  +4  -1",
      "",
    ].join("\n"),
  );
  expect(errors).toHaveBeenCalledExactlyOnceWith(
    "Lesson 02 does not build on the rewritten lesson 01 yet: its parts are open.",
  );
});

test("the later lesson may be given first; --all compares neighbouring lessons file by file", async () => {
  const root = twoParts();
  expect(await printed(diffCommand(root), ["02", "01"])).toBe(
    [
      "--- 02-simple-queue",
      "+++ 01-prerequisites",
      "",
      "@@ engine/task.ts task @@",
      "-export const task = 2;",
      "+export const task = 1;",
      "-",
      "-export const more = 1;",
      "",
      "@@ main.ts (deleted) @@",
      "-new",
      "",
    ].join("\n"),
  );
  expect(await printed(diffCommand(root), ["01", "02", "--all"])).toContain("@@ main.ts (new) @@");
});

test("READMEs, generated files, installed packages and line endings are not compared", async () => {
  const root = threeLessons();
  for (const file of ["README.md", "CHANGES.md", "sql/queries.ts", "node_modules/a/index.js"]) {
    write(root, { [`${THREE}/${file}`]: "new\n" });
  }
  write(root, { [`${ONE}/main.ts`]: "same\r\n", [`${THREE}/main.ts`]: "same\n" });
  expect(await printed(diffCommand(root), ["01", "03"])).toBe(
    "01-prerequisites and 03-concurrency-limits do not differ.\n",
  );
});

test("the error for an unknown lesson lists the lessons", async () => {
  await expect(printed(diffCommand(threeLessons()), ["01", "12"])).rejects.toThrow(
    'There is no lesson "12"; the lessons are 01, 02, 03.',
  );
});

test("the output is coloured with FORCE_COLOR, and not with NO_COLOR or in a file", async () => {
  const root = threeLessons();
  write(root, { [`${THREE}/main.ts`]: "new\n" });
  expect(await printed(diffCommand(root), ["01", "03"])).not.toContain("\u001b");
  vi.stubEnv("FORCE_COLOR", "1");
  expect(await printed(diffCommand(root), ["01", "03"])).toContain("\u001b[32m+new\u001b[39m");
  vi.stubEnv("NO_COLOR", "1");
  expect(await printed(diffCommand(root), ["01", "03"])).not.toContain("\u001b");
});

test("a reader that closes the pipe gets no error", async () => {
  const root = threeLessons();
  write(root, { [`${THREE}/main.ts`]: "a line of some length\n".repeat(50_000) });
  const diff = new URL("./diff-command.ts", import.meta.url).href;
  write(root, {
    "run.mts": `import { diffCommand } from ${JSON.stringify(diff)};
      await diffCommand(${JSON.stringify(root)}).parseAsync(["01", "03"], { from: "user" });`,
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
