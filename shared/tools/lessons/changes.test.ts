import { existsSync } from "node:fs";
import path from "node:path";
import { expect, test, vi } from "vitest";
import { changesCommand, staleChanges } from "./changes.ts";
import { helpOf, printed, read, scratchRepository, write } from "./scratch-lessons.ts";

const TWO = "lessons/02-simple-queue";
const THREE = "lessons/03-concurrency-limits";

const worker = (statement: string) =>
  `export class Worker {\n  // One\n  // longer\n  // comment.\n\n  one();\n  ${statement}\n}\n`;

function threeLessons(): string {
  return scratchRepository({
    "lessons/01-prerequisites/package.json": "{}",
    [`${TWO}/package.json`]: "{}",
    [`${TWO}/main.ts`]: "not taught\n",
    [`${TWO}/engine/worker.ts`]: worker("two();"),
    [`${TWO}/sql/schema.sql`]: "create table tasks ();\n",
    [`${TWO}/sql/queries.ts`]: "generated\n",
    [`${THREE}/package.json`]: "{}",
    [`${THREE}/engine/worker.ts`]: worker("2();"),
    [`${THREE}/engine/task.ts`]: "task\n",
    [`${THREE}/sql/upgrade.sql`]: "not taught\n",
    [`${THREE}/sql/queries.ts`]: "generated anew\n",
  });
}

const CHANGES_OF_THREE = `--- 02-simple-queue/sql/schema.sql
+++ /dev/null
@@ -1 +0,0 @@
-create table tasks ();
--- /dev/null
+++ 03-concurrency-limits/engine/task.ts
@@ -0,0 +1 @@
+task
--- 02-simple-queue/engine/worker.ts
+++ 03-concurrency-limits/engine/worker.ts
@@ -4,5 +4,5 @@ export class Worker {
   // comment.
 
   one();
-  two();
+  2();
 }
`;

test("each lesson's engine and SQL are written down against the lesson before", async () => {
  const root = threeLessons();
  expect(await printed(changesCommand(root), [])).toBe(
    `wrote ${TWO}/CHANGES.diff\nwrote ${THREE}/CHANGES.diff\n`,
  );
  expect(existsSync(path.join(root, "lessons/01-prerequisites/CHANGES.diff"))).toBe(false);
  expect(read(root, `${THREE}/CHANGES.diff`)).toBe(CHANGES_OF_THREE);
  expect(await printed(changesCommand(root), ["--check"])).toContain("up to date");
});

test("--check fails after an edit, says where, and changes nothing", async () => {
  const root = threeLessons();
  await printed(changesCommand(root), []);
  write(root, { [`${THREE}/engine/task.ts`]: "another task\n" });
  const [stale] = staleChanges(root);
  expect(stale?.file).toBe(`${THREE}/CHANGES.diff`);
  await expect(printed(changesCommand(root), ["--check"])).rejects.toThrow(
    /^1 file is not up to date:\nrun pnpm lesson changes$/,
  );
  expect(read(root, `${THREE}/CHANGES.diff`)).toBe(CHANGES_OF_THREE);
});

test("the first lesson has none, and one that is there is removed", async () => {
  const root = threeLessons();
  await printed(changesCommand(root), []);
  write(root, { "lessons/01-prerequisites/CHANGES.diff": "old\n" });
  await expect(printed(changesCommand(root), ["--check"])).rejects.toThrow("1 file");
  await printed(changesCommand(root), []);
  expect(existsSync(path.join(root, "lessons/01-prerequisites/CHANGES.diff"))).toBe(false);
});

test("the bytes are the same under any configuration of git and in any environment", async () => {
  const root = threeLessons();
  const config = `[diff]
    noprefix = true
    mnemonicPrefix = true
    external = false
    algorithm = patience
    context = 1
    interHunkContext = 9
    suppressBlankEmpty = true
    colorMoved = zebra
    wordRegex = .
  [diff "odd"]
    xfuncname = ".*longer.*"
  [color]
    ui = always
  [core]
    autocrlf = true
    pager = false
    attributesFile = ${JSON.stringify(path.join(root, "attributes"))}
  `;
  write(root, {
    "odd.gitconfig": config,
    attributes: "* diff=odd\n",
    ".gitattributes": "* diff=odd\n",
    "home/.config/git/attributes": "* diff=odd\n",
  });
  write(root, { ".git/config": `${read(root, ".git/config")}${config}` });
  vi.stubEnv("GIT_CONFIG_GLOBAL", path.join(root, "odd.gitconfig"));
  vi.stubEnv("HOME", path.join(root, "home"));
  vi.stubEnv("XDG_CONFIG_HOME", path.join(root, "home/.config"));
  vi.stubEnv("GIT_EXTERNAL_DIFF", "false");
  vi.stubEnv("GIT_DIFF_OPTS", "--unified=1");
  vi.stubEnv("GIT_DIR", path.join(root, ".git"));
  vi.stubEnv("TMPDIR", root);
  try {
    await printed(changesCommand(root), []);
  } finally {
    vi.unstubAllEnvs();
  }
  expect(read(root, `${THREE}/CHANGES.diff`)).toBe(CHANGES_OF_THREE);
});

test("how a checkout ends its lines makes no difference", async () => {
  const root = threeLessons();
  const worker = read(root, `${THREE}/engine/worker.ts`).replaceAll("\n", "\r\n");
  write(root, { [`${THREE}/engine/worker.ts`]: worker });
  await printed(changesCommand(root), []);
  const changes = read(root, `${THREE}/CHANGES.diff`);
  expect(changes).toBe(CHANGES_OF_THREE);
  write(root, { [`${THREE}/CHANGES.diff`]: changes.replaceAll("\n", "\r\n") });
  expect(staleChanges(root)).toEqual([]);
});

test("--help shows examples", () => {
  expect(helpOf(changesCommand())).toContain("pnpm lesson changes --check");
});
