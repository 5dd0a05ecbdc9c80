import { setTimeout as pause } from "node:timers/promises";
import * as lesson06 from "lesson-06/engine/index.ts";
import { say, table } from "shared/console";
import type { Sql } from "shared/database";
import { connectToTables, PATIENT } from "shared/story";

const SCHEMA = "lesson_06";
const POLLS = 60;

/** On lesson 06's engine, in tables of its own: a parent waits for its child, and the child waits for the parent's slot. */
export async function waitAsLesson06(url: string): Promise<void> {
  const tables = new URL("../../06-non-determinism/sql/schema.sql", import.meta.url);
  const sql = await connectToTables(url, tables, { schema: SCHEMA, applicationName: "lesson-07" });

  const log = (line: string) => say(`  ${line}`);
  let onPolled = () => {};
  const hasPolled = new Promise<void>((resolve) => {
    onPolled = resolve;
  });
  const parent = parentOf(sql, onPolled);
  const tasks = [child, parent];
  const worker = new lesson06.Worker(sql, { tasks, name: "worker-1", slots: 1, log, ...PATIENT });
  await lesson06.enqueue(sql, parent, null);
  worker.start();
  await hasPolled;
  say();
  table(await sql`select id, name, status, attempt, event_count as events from tasks order by id`);
  say();
  await worker.stop({ deadlineMs: 0 });
  await sql.end();
}

const child = lesson06.task({ name: "child", run: () => "done" });

function parentOf(sql: Sql, onPolled: () => void) {
  return lesson06.task({
    name: "parent",
    run: (_: null, { step }) =>
      step("run the child", async ({ idempotencyKey, signal }) => {
        const id = await lesson06.enqueue(sql, child, null, { idempotencyKey });
        for (let polls = 1; ; polls += 1) {
          const { status } = await lesson06.result(sql, id);
          if (status === "succeeded") return;
          if (polls % (POLLS / 3) === 0) say(`  poll ${polls}: task ${id} is ${status}`);
          if (polls === POLLS) onPolled();
          await pause(5, undefined, { signal });
        }
      }),
  });
}
