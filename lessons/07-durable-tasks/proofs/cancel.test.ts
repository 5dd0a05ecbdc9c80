import type { Sql } from "shared/database";
import { freshDatabase, polledRow } from "shared/testing";
import { expect, test } from "vitest";
import { cancel, type DurableContext, enqueue, task } from "#engine";
import { childCalls } from "./child-calls.ts";
import { durableTask } from "./durable-task.ts";
import { startWorking } from "./working.ts";

const runs = task({
  name: "runs",
  // Until its signal fires.
  run: (_: null, { signal }) =>
    new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason));
    }),
});
const waits = task({ name: "unknown to all workers", run: () => {} });

test("cancelling a task cancels its children, running or queued, and their children", async () => {
  const { sql } = await freshDatabase();
  const { top, middle } = family(sql);
  const id = await enqueue(sql, top, null);
  startWorking(sql, { tasks: [runs, top, middle], heartbeatIntervalMs: 10 });
  await expect.poll(statuses(sql)).toEqual({
    top: expect.any(String),
    middle: expect.any(String),
    runs: "running",
    waits: "queued",
  });
  await cancel(sql, id);

  await expect
    .poll(statuses(sql))
    .toEqual({ top: "cancelled", middle: "cancelled", runs: "cancelled", waits: "cancelled" });
});

test("when a task ends, its children that have not ended are cancelled", async () => {
  const { sql } = await freshDatabase();
  const { middle } = family(sql);
  const quick = task({ name: "quick", run: () => "first" });
  const top = durableTask({
    name: "top",
    run: (_: null, context: DurableContext) => {
      const { run } = childCalls(context, sql);
      return Promise.race([run(middle, null), run(quick, undefined)]);
    },
  });
  const id = await enqueue(sql, top, null);
  startWorking(sql, { tasks: [runs, top, middle], heartbeatIntervalMs: 10 });
  await expect.poll(statuses(sql)).toMatchObject({ runs: "running", waits: "queued" });
  startWorking(sql, { tasks: [quick] });

  await expect.poll(polledRow(sql, id)).toMatchObject({ output: "first" });
  await expect
    .poll(statuses(sql))
    .toMatchObject({ middle: "cancelled", runs: "cancelled", waits: "cancelled" });
});

/** A task with a child that has two children of its own: one runs forever, and no worker knows the other. */
function family(sql: Sql) {
  const middle = durableTask({
    name: "middle",
    run: (_: null, context: DurableContext) => {
      const { run } = childCalls(context, sql);
      return Promise.all([run(runs, null), run(waits, undefined)]);
    },
  });
  const top = durableTask({
    name: "top",
    run: (_: null, context: DurableContext) => childCalls(context, sql).run(middle, null),
  });
  return { top, middle };
}

/** Returns the status of each task, by its name. */
function statuses(sql: Sql): () => Promise<Record<string, string>> {
  return async () => {
    const rows = await sql`select name, status from tasks`.catch(() => []);
    const named = rows.map(({ name, status }) => [name === waits.name ? "waits" : name, status]);
    return Object.fromEntries(named);
  };
}
