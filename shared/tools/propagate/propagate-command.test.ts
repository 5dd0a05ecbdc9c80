import { chmodSync, existsSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import {
  commit,
  type Files,
  gitIn,
  helpOf,
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
    [`${lesson}/CHANGES.diff`, "changes\n"],
    [`${lesson}/sql/queries.ts`, "generated\n"],
    [`${lesson}/engine/worker.ts`, `${lines("one")}${"more\n".repeat(i)}`],
  ]);
  return scratchRepository({ ...Object.fromEntries(own), ...more });
}

const inEach = (file: string, content: string): Files =>
  Object.fromEntries(LESSONS.map((lesson) => [`${lesson}/${file}`, content]));

const propagate = (root: string, ...args: string[]) => printed(propagateCommand(root), args);

const uncommitted = (root: string) =>
  gitIn(root, ["status", "--porcelain", "--untracked-files=all"]).split("\n").filter(Boolean);

describe("a fix travels", () => {
  test("through all later lessons, keeping what each has of its own", async () => {
    const root = threeLessons();
    write(root, { [`${THREE}/engine/worker.ts`]: lines("ONE") });
    const output = await propagate(root, "03");
    expect(read(root, `${FOUR}/engine/worker.ts`)).toBe(`${lines("ONE")}more\n`);
    expect(read(root, `${FIVE}/engine/worker.ts`)).toBe(`${lines("ONE")}more\nmore\n`);
    expect(output).toMatch(/^ +04 +05$/m);
    expect(output).toMatch(/^engine\/worker\.ts +merged +merged$/m);
    for (const next of ["typegen", "lesson changes", "lesson docs", "test"]) {
      expect(output).toContain(`pnpm ${next}`);
    }
    await expect(propagate(root, "--continue")).rejects.toThrow("nothing to continue");
  });

  test("as a new file, also an untracked one, but not as a new proof", async () => {
    const root = threeLessons();
    write(root, {
      [`${THREE}/engine/json.ts`]: "json\n",
      [`${THREE}/proofs/new.test.ts`]: "proof\n",
    });
    const output = await propagate(root, "3");
    expect(read(root, `${FIVE}/engine/json.ts`)).toBe("json\n");
    expect(existsSync(path.join(root, FOUR, "proofs"))).toBe(false);
    expect(output).toMatch(/^engine\/json\.ts +added +added$/m);
    expect(output).toMatch(/^proofs\/new\.test\.ts +- +-$/m);
  });

  test("as a deletion", async () => {
    const root = threeLessons(inEach("engine/old.ts", "old\n"));
    rmSync(path.join(root, THREE, "engine/old.ts"));
    expect(await propagate(root, "03")).toMatch(/^engine\/old\.ts +deleted +deleted$/m);
    expect(existsSync(path.join(root, FOUR, "engine/old.ts"))).toBe(false);
    expect(existsSync(path.join(root, FIVE, "engine/old.ts"))).toBe(false);
  });

  test("as a rename, with what changed in the renamed file", async () => {
    const root = threeLessons();
    rmSync(path.join(root, THREE, "engine/worker.ts"));
    write(root, { [`${THREE}/engine/runner.ts`]: lines("ONE") });
    const output = await propagate(root, "03");
    expect(output).toMatch(/^engine\/worker\.ts → engine\/runner\.ts +moved +moved$/m);
    expect(read(root, `${FIVE}/engine/runner.ts`)).toBe(`${lines("ONE")}more\nmore\n`);
    expect(existsSync(path.join(root, FOUR, "engine/worker.ts"))).toBe(false);
    expect(existsSync(path.join(root, FIVE, "engine/worker.ts"))).toBe(false);
  });

  test("as a rename also where the file is by now so different that git sees none", async () => {
    const part = (name: string, count: number) =>
      Array.from({ length: count }, (_, i) => `line ${i} of the part ${name}\n`).join("");
    const root = threeLessons({
      [`${THREE}/engine/old.ts`]: part("a", 10) + part("b", 20),
      [`${FOUR}/engine/old.ts`]: part("a", 10) + part("b", 3),
      [`${FIVE}/engine/old.ts`]: `${part("a", 10)}${part("b", 3)}more\n`,
    });
    rmSync(path.join(root, THREE, "engine/old.ts"));
    write(root, { [`${THREE}/engine/new.ts`]: part("MENDED", 10) + part("b", 20) });
    const output = await propagate(root, "03");
    expect(output).toMatch(/^engine\/old\.ts → engine\/new\.ts +moved +moved$/m);
    expect(read(root, `${FIVE}/engine/new.ts`)).toBe(`${part("MENDED", 10)}${part("b", 3)}more\n`);
  });

  test("to a proof only where the later lesson has the same file", async () => {
    const root = threeLessons({
      [`${THREE}/proofs/a.test.ts`]: lines("one"),
      [`${FOUR}/proofs/a.test.ts`]: lines("one"),
    });
    write(root, { [`${THREE}/proofs/a.test.ts`]: lines("ONE") });
    expect(await propagate(root, "03")).toMatch(/^proofs\/a\.test\.ts +merged +-$/m);
    expect(read(root, `${FOUR}/proofs/a.test.ts`)).toBe(lines("ONE"));
    expect(existsSync(path.join(root, FIVE, "proofs/a.test.ts"))).toBe(false);
  });

  test("and leaves READMEs, generated files, package.json and upgrade.sql alone", async () => {
    const root = threeLessons(inEach("sql/upgrade.sql", "upgrade\n"));
    const stays = [
      "README.md",
      "CHANGES.diff",
      "package.json",
      "sql/queries.ts",
      "sql/upgrade.sql",
    ];
    for (const file of stays) write(root, { [`${THREE}/${file}`]: `changed ${file}\n` });
    await expect(propagate(root, "03")).rejects.toThrow("Lesson 03 has no uncommitted change");
    write(root, { [`${THREE}/engine/worker.ts`]: lines("ONE") });
    await propagate(root, "03");
    expect(uncommitted(root).filter((line) => !line.includes(THREE))).toEqual([
      ` M ${FOUR}/engine/worker.ts`,
      ` M ${FIVE}/engine/worker.ts`,
    ]);
  });

  test("whatever the lines end with, and each lesson keeps its own endings", async () => {
    const root = threeLessons(inEach("main.ts", lines("one").replaceAll("\n", "\r\n")));
    write(root, { [`${FIVE}/main.ts`]: lines("one") });
    commit(root);
    write(root, { [`${THREE}/main.ts`]: lines("ONE").replaceAll("\n", "\r\n") });
    await propagate(root, "03");
    expect(read(root, `${FOUR}/main.ts`)).toBe(lines("ONE").replaceAll("\n", "\r\n"));
    expect(read(root, `${FIVE}/main.ts`)).toBe(lines("ONE"));
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
    expect(uncommitted(root)).toEqual([
      `M  ${THREE}/engine/worker.ts`,
      ` M ${FOUR}/engine/worker.ts`,
      ` M ${FIVE}/engine/worker.ts`,
    ]);
  });
});

describe("a conflict", () => {
  /** Lesson 04 has another first line, so a fix of that line conflicts there. */
  function conflicting(more: Files = {}): string {
    const root = threeLessons({
      [`${FOUR}/engine/worker.ts`]: lines("eins"),
      [`${FIVE}/engine/worker.ts`]: `${lines("eins")}more\n`,
      ...inEach("engine/client.ts", "client\n"),
      ...more,
    });
    write(root, {
      [`${THREE}/engine/worker.ts`]: lines("ONE"),
      [`${THREE}/engine/client.ts`]: "CLIENT\n",
      [`${THREE}/engine/added.ts`]: "added\n",
    });
    return root;
  }

  test("stops with markers in that one file and says what to do", async () => {
    const root = conflicting();
    await expect(propagate(root, "03")).rejects.toThrow(
      [
        `Stopped in lesson 04: ${FOUR}/engine/worker.ts conflicts with the fix from lesson 03.`,
        "Edit that file where it says <<<<<<< until it is right. Then run",
        "  pnpm lesson propagate --continue   to go on from here, or",
        "  pnpm lesson propagate --abort      to put the later lessons back to what they were.",
      ].join("\n"),
    );
    expect(read(root, `${FOUR}/engine/worker.ts`)).toBe(
      lines(
        "<<<<<<< lesson 04 as it is",
        "eins",
        "=======",
        "ONE",
        ">>>>>>> the fix from lesson 03",
      ),
    );
    expect(uncommitted(root).some((line) => line.includes(FIVE))).toBe(false);
    expect(uncommitted(root).some((line) => line.includes("lesson-propagate"))).toBe(false);
    await expect(propagate(root, "03")).rejects.toThrow("still on its way");
  });

  test("is resolved once and goes on from there", async () => {
    const root = conflicting();
    await expect(propagate(root, "03")).rejects.toThrow("Stopped in lesson 04");
    await expect(propagate(root, "--continue")).rejects.toThrow("still holds conflict markers");
    write(root, { [`${FOUR}/engine/worker.ts`]: lines("EINS") });
    expect(await propagate(root, "--continue")).toMatch(/^engine\/worker\.ts +by hand +merged$/m);
    expect(read(root, `${FIVE}/engine/worker.ts`)).toBe(`${lines("EINS")}more\n`);
    for (const lesson of [FOUR, FIVE]) {
      expect(read(root, `${lesson}/engine/client.ts`)).toBe("CLIENT\n");
      expect(read(root, `${lesson}/engine/added.ts`)).toBe("added\n");
    }
  });

  test("is undone by --abort, which leaves the fix", async () => {
    const root = conflicting();
    await expect(propagate(root, "03")).rejects.toThrow("Stopped in lesson 04");
    expect(await propagate(root, "--abort")).toContain("back to what they were");
    expect(uncommitted(root)).toEqual([
      ` M ${THREE}/engine/client.ts`,
      ` M ${THREE}/engine/worker.ts`,
      `?? ${THREE}/engine/added.ts`,
    ]);
    await expect(propagate(root, "--abort")).rejects.toThrow("nothing to abort");
  });

  test("after a crash in the middle can only be aborted", async () => {
    const root = conflicting();
    await expect(propagate(root, "03")).rejects.toThrow("Stopped in lesson 04");
    const state = path.join(root, ".git/lesson-propagate.json");
    const { stopped: _, ...cutOff } = JSON.parse(read(root, ".git/lesson-propagate.json"));
    writeFileSync(state, JSON.stringify(cutOff));
    await expect(propagate(root, "--continue")).rejects.toThrow(
      "run pnpm lesson propagate --abort",
    );
    await propagate(root, "--abort");
    expect(uncommitted(root).filter((line) => !line.includes(THREE))).toEqual([]);
  });

  test("is a different file where the fix adds one", async () => {
    const root = conflicting({ [`${FOUR}/engine/added.ts`]: "something else\n" });
    await expect(propagate(root, "03")).rejects.toThrow(`${FOUR}/engine/added.ts conflicts`);
    expect(read(root, `${FOUR}/engine/added.ts`)).toContain("<<<<<<< lesson 04 as it is");
  });

  test("is a deleted file that the later lesson has grown", async () => {
    const root = threeLessons();
    rmSync(path.join(root, THREE, "engine/worker.ts"));
    await expect(propagate(root, "03")).rejects.toThrow("the fix deletes engine/worker.ts");
    rmSync(path.join(root, FOUR, "engine/worker.ts"));
    await expect(propagate(root, "--continue")).rejects.toThrow("Stopped in lesson 05");
    expect(await propagate(root, "--continue")).toMatch(/^engine\/worker\.ts +by hand +by hand$/m);
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
      "the fix changes engine/worker.ts, which this lesson does not have any more",
    );
    write(root, { [`${FOUR}/engine/runner.ts`]: `${lines("ONE")}more\n` });
    expect(await propagate(root, "--continue")).toMatch(/^engine\/runner\.ts +- +merged$/m);
    expect(read(root, `${FIVE}/engine/runner.ts`)).toBe(`${lines("ONE")}more\nmore\n`);
  });
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
    await expect(propagate(root, "--abort")).rejects.toThrow("nothing to abort");
  });

  test("when there is no fix, no such lesson or no later one", async () => {
    const root = threeLessons();
    await expect(propagate(root, "03")).rejects.toThrow("Lesson 03 has no uncommitted change");
    await expect(propagate(root, "12")).rejects.toThrow("the lessons are 03, 04, 05");
    await expect(propagate(root, "05")).rejects.toThrow("Lesson 05 is the last");
    await expect(propagate(root)).rejects.toThrow("pnpm lesson propagate 03");
    await expect(propagate(root, "03", "--abort")).rejects.toThrow("Say one thing");
  });

  test("when the fix is to something other than text", async () => {
    const root = threeLessons();
    write(root, { [`${THREE}/engine/picture.png`]: "a\0b" });
    await expect(propagate(root, "03")).rejects.toThrow("engine/picture.png is binary");
    expect(uncommitted(root)).toEqual([`?? ${THREE}/engine/picture.png`]);
  });

  test("outside a git repository and before the first commit", async () => {
    const root = scratchFolder({ [`${THREE}/package.json`]: "{}" });
    await expect(propagate(root, "03")).rejects.toThrow("is not a git repository");
    gitIn(root, ["init", "--quiet"]);
    await expect(propagate(root, "03")).rejects.toThrow("no commit yet");
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
});

test("--help shows examples", () => {
  expect(helpOf(propagateCommand())).toContain("pnpm lesson propagate --continue");
});
