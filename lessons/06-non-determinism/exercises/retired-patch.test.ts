import type { Sql } from "shared/database";
import { freshDatabase, log } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, result, type TaskContext, task, Worker } from "#engine";
import { needCall } from "../story/patches.ts";

type Ask = (context: TaskContext) => Promise<unknown>;

const BARE: Ask = ({ patched }) => patched("by train");
const GONE: Ask = async () => {};

/** Makes the call of the patch only if the task's log has it. The look-up is no call, so it must come first. */
function retired(sql: Sql): Ask {
  return async ({ taskId, patched }) => {
    const [held] = await sql`
      select true as is_held from events
      where task_id = ${taskId} and kind = 'patched' and name = 'by train'`;
    if (held) await patched("by train");
  };
}

/** Runs all due orders once. The first attempt of each fails, so the order resumes in the next deployment. */
async function deploy(sql: Sql, ask: Ask): Promise<void> {
  const order = task({
    name: "order",
    retry: { backoffMs: 0 },
    run: async (_: null, context) => {
      await ask(context);
      await context.step("ship by train", () => {});
      if (context.attempt === 1) throw new Error("halfway");
    },
  });
  await new Worker(sql, { tasks: [order], log: () => {} }).tick();
}

const ORDER = task({ name: "order", run: (_: null) => {} });

test("each new task logs a bare call, so some task always needs it", async () => {
  const { sql } = await freshDatabase();
  await enqueue(sql, ORDER, null);
  await deploy(sql, BARE);
  const recent = await enqueue(sql, ORDER, null);
  await deploy(sql, BARE);
  expect(await needCall(sql, "by train")).toEqual([recent]);

  await deploy(sql, GONE);
  expect(await result(sql, recent)).toMatchObject({ error: { name: "NonDeterminismError" } });
});

test("a call that is only made where the log has it can be deleted when those tasks have ended", async () => {
  const { sql } = await freshDatabase();
  const old = await enqueue(sql, ORDER, null);
  await deploy(sql, BARE);
  const recent = await enqueue(sql, ORDER, null);
  await deploy(sql, retired(sql));
  expect(await result(sql, old)).toMatchObject({ status: "succeeded" });
  expect(await needCall(sql, "by train")).toEqual([]);

  await deploy(sql, GONE);
  expect(await result(sql, recent)).toMatchObject({ status: "succeeded" });
  expect(await log(sql, recent)).toEqual(["1 ship by train succeeded"]);
});
