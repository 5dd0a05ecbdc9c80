import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";
import { read, scratchFolder } from "../lessons/scratch-lessons.ts";

type Ran = { output: string; exitCode: number };

/** Runs `pnpm lesson prove` once for each list of arguments, in a process of its own, as it runs Vitest. */
async function prove(root: string, ...commands: string[][]): Promise<Ran[]> {
  const script = `
    import { proveCommand } from ${JSON.stringify(new URL("./prove-command.ts", import.meta.url).href)};
    import { reportAndFail } from ${JSON.stringify(new URL("../../runtime/user-error.ts", import.meta.url).href)};
    for (const args of ${JSON.stringify(commands)}) {
      const command = proveCommand(${JSON.stringify(root)});
      await command.parseAsync(args, { from: "user" }).catch(reportAndFail);
      console.log("\\nexit code", process.exitCode ?? 0);
      process.exitCode = 0;
    }`;
  const tsx = createRequire(import.meta.url).resolve("tsx");
  const args = ["--import", tsx, "--input-type=module", "--eval", script];
  const env = { ...process.env, NO_COLOR: "1", VITEST: "" };
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  const ran = stdout.matchAll(/(.*?)\nexit code (\d+)\n/gs);
  return [...ran].map(([, output = "", code]) => ({ output, exitCode: Number(code) }));
}

// Three lessons with proofs of every sort, good and bad.
let ran: Ran;
beforeAll(async () => {
  const [first] = await prove(fileURLToPath(new URL("./fixture", import.meta.url)), []);
  ran = first as Ran;
});

test.each([
  ["a proof on its lesson and on the newest", /^01 +holds everywhere +✓ {7}✓$/m],
  ["a guarantee that a later lesson breaks", /^01 +breaks later +✓ {7}!$/m],
  [
    "a proof that also fails on the lesson before by assertion",
    /^02 +fails on one by assertion +✗ {3}✓ {3}✓$/m,
  ],
  ["a proof that passes on the lesson before", /^02 +proves nothing +! {3}✓ {3}✓$/m],
  ["a proof that crashes on the lesson before", /^02 +crashes on one +! {3}✓ {3}✓$/m],
  ["a proof that hangs on the lesson before", /^02 +hangs on one +! {3}✓ {3}✓$/m],
  ["the cases of one guarantee as one row", /^02 +has two cases +✗ {3}✓ {3}✓$/m],
  [
    "a guarantee of which one case proves nothing",
    /^02 +has a case that proves nothing +! {3}✓ {3}✓$/m,
  ],
  ["a proof of the newest lesson", /^03 +is waited for on two for a short time +✗ {3}✓$/m],
])("the matrix shows %s", (_, row) => {
  expect(ran.output).toMatch(row);
});

test("each result that is not as it must be is reported and counted, and makes the command fail", () => {
  expect(ran.output).toContain(
    '"breaks later" must hold on lesson 03, but it failed: AssertionError',
  );
  expect(ran.output).toContain(
    '"proves nothing" must fail on an assertion on lesson 01, but it passed',
  );
  expect(ran.output).toContain(
    '"crashes on one" must fail on an assertion on lesson 01, but it failed: TypeError',
  );
  expect(ran.output).toContain(
    '"hangs on one" must fail on an assertion on lesson 01, but it failed: Error: Test timed out',
  );
  expect(ran.output.trim().split("\n").at(-1)).toMatch(/^\d+ passed, 5 failed$/);
  expect(ran.exitCode).toBe(1);
});

test("tests that are no proofs run on their own lesson and later, not on the one before", () => {
  expect(ran.output).not.toContain("only has to hold from two on");
});

test("--all runs the whole triangle and writes lessons/GUARANTEES.md, and --check compares it", async () => {
  const root = scratchFolder({ ...goodLesson(1), ...goodLesson(2), ...goodLesson(3) });
  const all = ["--all"];
  const check = ["--all", "--check"];
  const [missing, written, same] = (await prove(root, check, all, check)) as [Ran, Ran, Ran];

  expect(missing.output).toMatch(/GUARANTEES\.md differs.*\n\n8 passed, 1 failed$/m);
  expect(missing.exitCode).toBe(1);
  expect(written.output).toMatch(/^01 +is at least 1 +✓ {3}✓ {3}✓$/m);
  expect(written.output).toMatch(/\n8 passed, 0 failed\s*$/);
  expect(read(root, "lessons/GUARANTEES.md")).toContain(
    "| [is at least 2](02-lesson/proofs/it.test.ts) | ✗   | ✓   | ✓   |",
  );
  expect(same).toEqual({ output: expect.stringMatching(/\n8 passed, 0 failed\s*$/), exitCode: 0 });
});

test("--check is refused where there is nothing to compare with", async () => {
  const root = scratchFolder(goodLesson(1));
  for (const { output, exitCode } of await prove(root, ["--check"], ["01", "--all", "--check"])) {
    expect(output).not.toContain("passed");
    expect(exitCode).toBe(1);
  }
});

function goodLesson(number: number) {
  const folder = `lessons/0${number}-lesson`;
  return {
    [`${folder}/package.json`]: `{ "type": "module", "imports": { "#engine": "./engine/index.ts" } }`,
    [`${folder}/engine/index.ts`]: `export const version: number = ${number};`,
    [`${folder}/proofs/it.test.ts`]: `
      import { expect, test } from "vitest";
      import { version } from "#engine";
      test("is at least ${number}", () => {
        expect(version).toBeGreaterThanOrEqual(${number});
      });`,
  };
}
