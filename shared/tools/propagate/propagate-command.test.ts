import { chmodSync, existsSync, renameSync, rmSync, statSync } from "node:fs";
import path from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import {
  commit,
  type Files,
  gitIn,
  printed,
  read,
  scratchFolder,
  scratchRepository,
  write,
} from "../lessons/scratch-lessons.ts";
import { propagateCommand } from "./propagate-command.ts";

beforeEach(() => {
  vi.stubEnv("GIT_CONFIG_GLOBAL", "/dev/null");
  return () => vi.unstubAllEnvs();
});

const THREE = "lessons/03-three";
const FOUR = "lessons/04-four";
const FIVE = "lessons/05-five";
const LESSONS = [THREE, FOUR, FIVE];

const lines = (...changed: string[]) =>
  [...changed, "two", "three", "four", "five", "six", "seven", "eight", ""].join("\n");

/** Three lessons with the same worker, to which each adds a line of its own at the end. */
function threeLessons(more: Files = {}): string {
  const own = LESSONS.flatMap((lesson, i): [string, string][] => [
    [`${lesson}/package.json`, `{ "name": "lesson-0${i + 3}" }\n`],
    [`${lesson}/README.md`, "text\n"],
    [`${lesson}/sql/queries.ts`, "generated\n"],
    [`${lesson}/engine/worker.ts`, `${lines("one")}${"more\n".repeat(i)}`],
  ]);
  return scratchRepository({ ...Object.fromEntries(own), ...more });
}

const inEach = (file: string, content: string): Files =>
  Object.fromEntries(LESSONS.map((lesson) => [`${lesson}/${file}`, content]));

const propagate = (root: string, ...args: string[]) => printed(propagateCommand(root, "05"), args);

const uncommitted = (root: string) =>
  gitIn(root, ["status", "--porcelain", "--untracked-files=all"]).split("\n").filter(Boolean);

describe("a fix travels", () => {
  test("through all later lessons, keeping what each has of its own", async () => {
    const root = threeLessons();
    write(root, { [`${THREE}/engine/worker.ts`]: lines("ONE") });
    expect((await propagate(root, "3")).split("\n")).toEqual([
      "lesson 04  changed      engine/worker.ts",
      "lesson 05  changed      engine/worker.ts",
      "",
      "Then run pnpm typegen, pnpm lesson changes, pnpm lesson docs and pnpm test,",
      "and commit all lessons together.",
      "",
    ]);
    expect(read(root, `${FOUR}/engine/worker.ts`)).toBe(`${lines("ONE")}more\n`);
    expect(read(root, `${FIVE}/engine/worker.ts`)).toBe(`${lines("ONE")}more\nmore\n`);
  });

  test("as a new file, as a deletion, and to a proof where the later lesson has it", async () => {
    const root = threeLessons({
      [`${THREE}/engine/old.ts`]: "old\n",
      [`${FOUR}/engine/old.ts`]: "old\n",
      [`${FOUR}/engine/json.ts`]: "json\n",
      [`${THREE}/proofs/a.test.ts`]: lines("one"),
      [`${FOUR}/proofs/a.test.ts`]: lines("one"),
    });
    write(root, {
      [`${THREE}/engine/json.ts`]: "json\n",
      [`${THREE}/engine/a new file.ts`]: "new\n",
      [`${THREE}/proofs/a.test.ts`]: lines("ONE"),
      [`${THREE}/proofs/new.test.ts`]: "proof\n",
    });
    rmSync(path.join(root, THREE, "engine/old.ts"));
    expect((await propagate(root, "03")).split("\n").slice(0, -4)).toEqual([
      "lesson 04  added        engine/a new file.ts",
      "lesson 04  has it       engine/json.ts",
      "lesson 04  deleted      engine/old.ts",
      "lesson 04  changed      proofs/a.test.ts",
      "lesson 04  left out     proofs/new.test.ts",
      "lesson 05  added        engine/a new file.ts",
      "lesson 05  has it       engine/old.ts",
      "lesson 05  left out     proofs/a.test.ts",
    ]);
    expect(read(root, `${FIVE}/engine/a new file.ts`)).toBe("new\n");
    expect(read(root, `${FOUR}/proofs/a.test.ts`)).toBe(lines("ONE"));
    expect(uncommitted(root).filter((line) => !line.includes(THREE))).toEqual([
      ` D ${FOUR}/engine/old.ts`,
      ` M ${FOUR}/proofs/a.test.ts`,
      `?? "${FOUR}/engine/a new file.ts"`,
      `?? "${FIVE}/engine/a new file.ts"`,
    ]);
  });

  test("and leaves documents, generated files, package.json and upgrade.sql alone", async () => {
    const root = threeLessons(inEach("sql/upgrade.sql", "upgrade\n"));
    const stays = ["README.md", "CHANGES.md", "package.json", "sql/queries.ts", "sql/upgrade.sql"];
    for (const file of stays) write(root, { [`${THREE}/${file}`]: `changed ${file}\n` });
    await expect(propagate(root, "03")).rejects.toThrow("Lesson 03 has no uncommitted change");
    write(root, { [`${THREE}/engine/worker.ts`]: lines("ONE") });
    await propagate(root, "03");
    expect(uncommitted(root).filter((line) => !line.includes(THREE))).toEqual([
      ` M ${FOUR}/engine/worker.ts`,
      ` M ${FIVE}/engine/worker.ts`,
    ]);
  });

  test("where git checks files out with CRLF, and whatever the fix was saved with", async () => {
    const root = threeLessons();
    gitIn(root, ["config", "core.autocrlf", "true"]);
    gitIn(root, ["config", "core.safecrlf", "true"]);
    rmSync(path.join(root, "lessons"), { recursive: true });
    gitIn(root, ["checkout", "--", "."]);
    write(root, { [`${THREE}/engine/worker.ts`]: lines("ONE") });
    await propagate(root, "03");
    const expected = `${lines("ONE")}more\nmore\n`.replaceAll("\n", "\r\n");
    expect(read(root, `${FIVE}/engine/worker.ts`)).toBe(expected);
  });

  test.skipIf(process.platform === "win32")("and files keep their modes", async () => {
    const root = threeLessons();
    chmodSync(path.join(root, FOUR, "engine/worker.ts"), 0o755);
    commit(root);
    write(root, {
      [`${THREE}/engine/worker.ts`]: lines("ONE"),
      [`${THREE}/engine/run.ts`]: "#!\n",
    });
    chmodSync(path.join(root, THREE, "engine/run.ts"), 0o755);
    await propagate(root, "03");
    const isExecutable = (file: string) => (statSync(path.join(root, file)).mode & 0o111) !== 0;
    expect(isExecutable(`${FOUR}/engine/worker.ts`)).toBe(true);
    expect(isExecutable(`${FIVE}/engine/worker.ts`)).toBe(false);
    expect(isExecutable(`${FIVE}/engine/run.ts`)).toBe(true);
  });

  test("and what the reader has staged stays as it is", async () => {
    const root = threeLessons();
    write(root, { [`${THREE}/engine/worker.ts`]: lines("ONE") });
    gitIn(root, ["add", "--", THREE]);
    await propagate(root, "03");
    const carried = [` M ${FOUR}/engine/worker.ts`, ` M ${FIVE}/engine/worker.ts`];
    expect(uncommitted(root)).toEqual([`M  ${THREE}/engine/worker.ts`, ...carried]);
    await propagate(root, "03", "--abort");
    expect(uncommitted(root)).toEqual([`M  ${THREE}/engine/worker.ts`]);
  });
});

describe("a conflict", () => {
  /** Lesson 04 has another first line, and another file of a name, than the fix brings. */
  function conflicting(): string {
    const root = threeLessons({
      [`${FOUR}/engine/worker.ts`]: lines("eins"),
      [`${FIVE}/engine/worker.ts`]: `${lines("eins")}more\n`,
      ...inEach("engine/client.ts", "client\n"),
      [`${FOUR}/engine/added.ts`]: "something else\n",
      [`${FIVE}/engine/added.ts`]: "something else\n",
    });
    write(root, {
      [`${THREE}/engine/worker.ts`]: lines("ONE"),
      [`${THREE}/engine/client.ts`]: "CLIENT\n",
      [`${THREE}/engine/added.ts`]: "added\n",
    });
    return root;
  }

  test("stops in its lesson with markers, and says what to do", async () => {
    const root = conflicting();
    await expect(propagate(root, "03")).rejects.toThrow(
      [
        "lesson 04  conflict     engine/added.ts",
        "lesson 04  changed      engine/client.ts",
        "lesson 04  conflict     engine/worker.ts",
        "",
        "Stopped in lesson 04. Resolve its conflicts (ours: lesson 04, theirs: the fix), and make the",
        "fix by hand where it was not carried but is needed.",
        "Then run pnpm lesson propagate 04, which carries on from lesson 04.",
        "To put all lessons after 03 back to the last commit: pnpm lesson propagate 03 --abort.",
      ].join("\n"),
    );
    expect(read(root, `${FOUR}/engine/worker.ts`)).toBe(
      lines("<<<<<<< ours", "eins", "=======", "ONE", ">>>>>>> theirs"),
    );
    expect(read(root, `${FOUR}/engine/added.ts`)).toContain("<<<<<<< ours");
    expect(uncommitted(root).some((line) => line.includes(FIVE))).toBe(false);
    expect(uncommitted(root).some((line) => line.startsWith("U"))).toBe(false);
  });

  test("is resolved once, and the lesson's own changes travel on", async () => {
    const root = conflicting();
    await expect(propagate(root, "03")).rejects.toThrow("Stopped in lesson 04");
    await expect(propagate(root, "04")).rejects.toThrow(
      `markers are left in ${FOUR}/engine/added.ts, ${FOUR}/engine/worker.ts;`,
    );
    write(root, {
      [`${FOUR}/engine/worker.ts`]: lines("EINS"),
      [`${FOUR}/engine/added.ts`]: "both\n",
    });
    gitIn(root, ["add", "--", FOUR]);
    expect(await propagate(root, "04")).toContain("lesson 05  changed      engine/worker.ts\n");
    expect(read(root, `${FIVE}/engine/worker.ts`)).toBe(`${lines("EINS")}more\n`);
    expect(read(root, `${FIVE}/engine/client.ts`)).toBe("CLIENT\n");
    expect(read(root, `${FIVE}/engine/added.ts`)).toBe("both\n");
  });

  test("is undone by --abort, which leaves the fix, and keeps what was resolved", async () => {
    const root = conflicting();
    await expect(propagate(root, "03")).rejects.toThrow("Stopped in lesson 04");
    const stopped = uncommitted(root);
    write(root, { [`${FOUR}/engine/worker.ts`]: "half\n" });
    expect(await propagate(root, "03", "--abort")).toContain("as in the last commit");
    expect(uncommitted(root)).toEqual(stopped.filter((line) => line.includes(THREE)));
    await expect(propagate(root, "03", "--abort")).rejects.toThrow("nothing to abort");
    gitIn(root, ["stash", "pop"]);
    expect(uncommitted(root).sort()).toEqual(stopped.sort());
    expect(read(root, `${FOUR}/engine/worker.ts`)).toBe("half\n");
  });

  test("is a deleted file that the later lesson has grown", async () => {
    const root = threeLessons();
    rmSync(path.join(root, THREE, "engine/worker.ts"));
    await expect(propagate(root, "03")).rejects.toThrow(
      "lesson 04  not carried  engine/worker.ts: the fix deletes it, and lesson 04 has another version",
    );
    rmSync(path.join(root, FOUR, "engine/worker.ts"));
    // Lesson 05 is the last, so there is no lesson to carry on to.
    await expect(propagate(root, "04")).rejects.toThrow("needed.\nThen run pnpm typegen");
    expect(existsSync(path.join(root, FIVE, "engine/worker.ts"))).toBe(true);
  });

  test("is a file that the later lesson does not have any more; a fix by hand there travels on", async () => {
    const root = threeLessons();
    for (const lesson of [FOUR, FIVE]) {
      const file = path.join(root, lesson, "engine");
      renameSync(path.join(file, "worker.ts"), path.join(file, "runner.ts"));
    }
    commit(root);
    write(root, { [`${THREE}/engine/worker.ts`]: lines("ONE") });
    await expect(propagate(root, "03")).rejects.toThrow(
      "lesson 04  not carried  engine/worker.ts: lesson 04 has no such file",
    );
    write(root, { [`${FOUR}/engine/runner.ts`]: `${lines("ONE")}more\n` });
    expect(await propagate(root, "04")).toContain("lesson 05  changed      engine/runner.ts\n");
    expect(read(root, `${FIVE}/engine/runner.ts`)).toBe(`${lines("ONE")}more\nmore\n`);
  });
});

test("a fix is carried up to the last rewritten lesson; the lessons after it are left as they are", async () => {
  const root = threeLessons();
  const ran = (...args: string[]) => printed(propagateCommand(root, "04"), args);
  write(root, {
    [`${THREE}/engine/worker.ts`]: lines("ONE"),
    [`${FIVE}/engine/worker.ts`]: "mine\n",
  });
  expect((await ran("03")).split("\n").slice(0, 3)).toEqual([
    "Lesson 05 does not build on the rewritten lesson 04 yet: the fix is carried up to lesson 04.",
    "lesson 04  changed      engine/worker.ts",
    "",
  ]);
  await expect(ran("04")).rejects.toThrow("rewritten lesson 04 yet: no lesson needs the fix.");
  await ran("03", "--abort");
  expect(uncommitted(root)).toEqual([
    ` M ${THREE}/engine/worker.ts`,
    ` M ${FIVE}/engine/worker.ts`,
  ]);
});

describe("nothing is changed", () => {
  test("over uncommitted work in later lessons, tracked or not", async () => {
    const root = threeLessons();
    write(root, {
      [`${THREE}/engine/worker.ts`]: lines("ONE"),
      [`${FOUR}/engine/worker.ts`]: "mine\n",
      [`${FIVE}/engine/new.ts`]: "mine\n",
    });
    await expect(propagate(root, "03")).rejects.toThrow(
      `${FOUR}/engine/worker.ts\n  ${FIVE}/engine/new.ts`,
    );
    expect(read(root, `${FOUR}/engine/worker.ts`)).toBe("mine\n");
    expect(read(root, `${FIVE}/engine/worker.ts`)).toBe(`${lines("one")}more\nmore\n`);
  });

  test("when there is no fix, no such lesson or no later one", async () => {
    const root = threeLessons();
    await expect(propagate(root, "03")).rejects.toThrow("Lesson 03 has no uncommitted change");
    await expect(propagate(root, "12")).rejects.toThrow("the lessons are 03, 04, 05");
    await expect(propagate(root, "05")).rejects.toThrow("Lesson 05 is the last");
  });

  test("outside a git repository and before the first commit", async () => {
    const root = scratchFolder(inEach("package.json", "{}"));
    await expect(propagate(root, "03")).rejects.toThrow("not a git repository");
    gitIn(root, ["init", "--quiet"]);
    await expect(propagate(root, "03")).rejects.toThrow("has no commit to compare a fix with");
  });
});

test("the lessons may be in a folder of a larger repository", async () => {
  const root = threeLessons();
  rmSync(path.join(root, ".git"), { recursive: true });
  const outer = path.dirname(root);
  gitIn(outer, ["init", "--quiet"]);
  commit(outer);
  write(root, { [`${THREE}/engine/worker.ts`]: lines("ONE") });
  await propagate(root, "03");
  expect(read(root, `${FIVE}/engine/worker.ts`)).toBe(`${lines("ONE")}more\nmore\n`);
  await propagate(root, "03", "--abort");
  expect(uncommitted(root)).toEqual([expect.stringContaining(THREE)]);
});
