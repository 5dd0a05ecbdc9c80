import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";

// Two lessons with proofs of every sort, good and bad. The staircase runs Vitest, so it runs in a
// process of its own here.
let output = "";
let exitCode = 0;
beforeAll(async () => {
  const root = fileURLToPath(new URL("./fixture", import.meta.url));
  const prove = new URL("./prove-command.ts", import.meta.url).href;
  const errors = new URL("../../runtime/user-error.ts", import.meta.url).href;
  const script = `
    import { proveCommand } from ${JSON.stringify(prove)};
    import { reportAndFail } from ${JSON.stringify(errors)};
    proveCommand(${JSON.stringify(root)}).parseAsync([], { from: "user" }).catch(reportAndFail);`;
  const tsx = createRequire(import.meta.url).resolve("tsx");
  const args = ["--import", tsx, "--input-type=module", "--eval", script];
  const env = { ...process.env, NO_COLOR: "1", VITEST: "" };
  const run = await promisify(execFile)(process.execPath, args, { env }).catch((error) => error);
  output = `${run.stdout}${run.stderr}`;
  exitCode = run.code ?? 0;
});

test.each([
  [
    "a proof that holds, and fails on the lesson before by assertion",
    /^02 +fails on one by assertion +✗ +✓$/m,
  ],
  ["a proof of the first lesson that holds in the second", /^01 +holds on both +✓ +✓$/m],
  ["a promise that a later lesson breaks", /^01 +breaks on two +✓ +!$/m],
  ["a proof that passes on the lesson before", /^02 +proves nothing +! +✓$/m],
  ["a proof that crashes on the lesson before", /^02 +crashes on one +! +✓$/m],
  ["a proof that hangs on the lesson before", /^02 +hangs on one +! +✓$/m],
  ["the cases of one promise as one row", /^02 +has two cases +✗ +✓$/m],
  ["a promise of which one case proves nothing", /^02 +has a case that proves nothing +! +✓$/m],
])("the matrix shows %s", (_, row) => {
  expect(output).toMatch(row);
});

test("what is not as it must be is told, and makes the command fail", () => {
  expect(output).toContain('"breaks on two" must hold on lesson 02, but it failed: AssertionError');
  expect(output).toContain(
    '"proves nothing" must fail by an assertion on lesson 01, but it passed',
  );
  expect(output).toContain(
    '"crashes on one" must fail by an assertion on lesson 01, but it failed: TypeError',
  );
  expect(output).toContain(
    '"hangs on one" must fail by an assertion on lesson 01, but it failed: Error: Test timed out',
  );
  expect(exitCode).toBe(1);
});

test("tests that are no proofs do not run on the lesson before", () => {
  expect(output).not.toContain("only has to hold from two on");
});
