import { freshDatabase, polledRow, row } from "shared/testing";
import { expect, test } from "vitest";
import * as engine from "#engine";
import { type DurableContext, enqueue, retry, task } from "#engine";
import { childCalls } from "./child-calls.ts";
import { durableTask } from "./durable-task.ts";
import { startWorking } from "./working.ts";

test("a retry runs no finished step again, nor one of a child; a replay runs everything again", async () => {
  const { sql } = await freshDatabase();
  const done: string[] = [];
  let isBroken = true;
  const scan = task({ name: "scan", run: (page: number) => void done.push(`scan ${page}`) });
  const read = durableTask({
    name: "read",
    run: async (page: number, context: DurableContext) => {
      const { run } = childCalls(context, sql);
      await context.step("open", () => void done.push(`open ${page}`));
      await run(scan, page);
      await context.step("sum up", () => {
        if (isBroken && page === 2) throw new Error("illegible");
        done.push(`sum up ${page}`);
      });
    },
  });
  const report = durableTask({
    name: "report",
    run: async (_: null, context: DurableContext) => {
      const { run } = childCalls(context, sql);
      await context.step("plan", () => void done.push("plan"));
      for (const page of [1, 2]) await run(read, page);
      return "done";
    },
  });
  const id = await enqueue(sql, report, null);
  startWorking(sql, { tasks: [scan, read, report] });
  await expect.poll(polledRow(sql, id)).toMatchObject({ status: "failed" });
  const untilBroken = ["plan", "open 1", "scan 1", "sum up 1", "open 2", "scan 2"];
  expect(done).toEqual(untilBroken);

  isBroken = false;
  await retry(sql, id);
  await expect.poll(polledRow(sql, id)).toMatchObject({ output: "done" });
  const everything = [...untilBroken, "sum up 2"];
  expect(done).toEqual(everything);

  const before = await sql`select * from events where task_id = ${id} order by seq`;
  await engine.replay(sql, id);
  await expect.poll(() => done.length).toBe(2 * everything.length);
  await expect.poll(polledRow(sql, id)).toMatchObject({ status: "succeeded", output: "done" });
  expect(done).toEqual([...everything, ...everything]);
  // The new history is appended to the old one.
  const after = await sql`select * from events where task_id = ${id} order by seq`;
  expect(after.slice(0, before.length)).toEqual(before);
  expect(await row(sql, id)).toMatchObject({ attempt: 1, errors: null });
});
