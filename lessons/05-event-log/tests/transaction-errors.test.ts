import type { ReservedSql, Sql } from "shared/database";
import { freshDatabase, log, postgresError, refusing, row } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue } from "#engine";
import { durableTask } from "../proofs/durable-task.ts";
import { runToEnd } from "./runs.ts";

const conflict = postgresError("40001", "could not serialize access");
const busy = postgresError("55P03", "canceling statement due to lock timeout");
const forbidden = postgresError("42501", "permission denied");
const violation = postgresError("23503", "violates foreign key constraint");
const ownError = Object.assign(new Error("the bank is closed"), { code: "40001" });
const lost = Object.assign(new Error("write CONNECTION_CLOSED"), { code: "CONNECTION_CLOSED" });

type Where = "begin" | "body" | "body that has lost its connection" | "commit";

// The error of the first transaction, and what comes of it: the body runs again; the run is dropped, so the body runs again in
// the next run of the task; or the step fails.
test.each<[Where, Error, "runs the body again" | "drops the run" | "fails the step"]>([
  ["begin", busy, "runs the body again"],
  ["begin", lost, "runs the body again"],
  ["begin", forbidden, "fails the step"],
  ["body", conflict, "runs the body again"],
  ["body", busy, "runs the body again"],
  ["body", forbidden, "fails the step"],
  ["body", ownError, "fails the step"],
  ["body", lost, "fails the step"],
  ["body that has lost its connection", ownError, "drops the run"],
  ["commit", conflict, "runs the body again"],
  ["commit", busy, "runs the body again"],
  ["commit", lost, "drops the run"],
  ["commit", violation, "fails the step"],
])("an error of the %s (%s) %s", async (where, error, meaning) => {
  const { sql } = await freshDatabase();
  let runs = 0;
  const pay = durableTask({
    name: "pay",
    run: (_: null, { transaction }) =>
      transaction("pay", async (tx) => {
        runs += 1;
        if (runs === 1) await failIn(where, tx, error);
        return "paid";
      }).catch(({ message }) => message),
  });
  const id = await enqueue(sql, pay, null);
  await runToEnd(failing(sql, where, error), pay);

  const hasFailed = meaning === "fails the step";
  expect(await log(sql, id)).toEqual([
    hasFailed ? `1 pay failed: ${error.message}` : "1 pay succeeded",
  ]);
  expect(await row(sql, id)).toMatchObject({
    output: hasFailed ? `Step "pay" failed: ${error.message}` : "paid",
    fence: meaning === "drops the run" ? 2 : 1,
  });
  const runsBegun = where === "begin" ? 0 : 1;
  expect(runs).toBe(hasFailed ? runsBegun : runsBegun + 1);
});

/** Returns a wrapper of the pool that refuses the first `begin` or `commit`. */
function failing(sql: Sql, where: Where, error: Error): Sql {
  return where === "begin" || where === "commit" ? refusing(sql, where, 1, error) : sql;
}

/** Throws the error if the body is to fail. */
async function failIn(where: Where, tx: ReservedSql, error: Error): Promise<void> {
  if (where === "body that has lost its connection") {
    await tx`select pg_terminate_backend(pg_backend_pid())`.catch(() => {});
  }
  if (where.startsWith("body")) throw error;
}
