import type { Sql } from "shared/database";
import { freshDatabase, log, row } from "shared/testing";
import { expect, test } from "vitest";
import * as engine from "#engine";
import { enqueue, Worker } from "#engine";
import { durableTask } from "./durable-task.ts";

test("after the code is fixed, a retry resumes from the event log, and the difference has cost no attempt", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const order = (names: string[], isWhole: boolean) =>
    durableTask({
      name: "order",
      retry: { maxAttempts: 2, backoffMs: 0 },
      run: async (_: null, { step }) => {
        for (const name of names) await step(name, () => void ran.push(name));
        if (!isWhole) throw new Error("halfway");
        return "done";
      },
    });
  const v1 = order(["reserve", "charge"], false);
  const broken = order(["reserve", "bill", "ship"], true);
  const fixed = order(["reserve", "charge", "ship"], true);
  const id = await enqueue(sql, v1, null);
  await new Worker(sql, { tasks: [v1], log: () => {} }).tick();
  for (let time = 1; time <= 3; time += 1) {
    await new Worker(sql, { tasks: [broken], log: () => {} }).tick();
    await retry(sql, id);
  }
  await new Worker(sql, { tasks: [fixed], log: () => {} }).tick();

  expect(ran).toEqual(["reserve", "charge", "ship"]);
  expect(await row(sql, id)).toMatchObject({ status: "succeeded", output: "done", attempt: 2 });
  expect(await log(sql, id)).toEqual([
    "1 reserve succeeded",
    "2 charge succeeded",
    "3 ship succeeded",
  ]);
});

/** An engine without `retry` leaves only an update of the row. */
async function retry(sql: Sql, id: string): Promise<void> {
  if ("retry" in engine) return engine.retry(sql, id);
  await sql`
    update tasks
    set status = 'queued', error = null, output = null, attempt = attempt + 1, max_attempts = max_attempts + 1
    where id = ${id}`;
}
