import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freshDatabase, freshLedger, polledRow, row, startTestProcess } from "shared/testing";
import { expect, test } from "vitest";
import { cancel, enqueue } from "#engine";
import { durableTask } from "../proofs/durable-task.ts";

const script = fileURLToPath(new URL("looping-worker.ts", import.meta.url));

test("a handler that loops around a call and catches every error ends when its time is up, when it is cancelled, and when its worker stops", async () => {
  const database = await freshDatabase();
  const { sql } = database;
  const add = (name: string) => enqueue(sql, durableTask({ name, run: () => {} }), null as never);
  const [timedOut, cancelled, stopped] = [
    await add("timed out"),
    await add("cancelled"),
    await add("stopped"),
  ];
  const looping = startTestProcess(script, database, freshLedger());
  await looping.firstMessage;

  await expect.poll(polledRow(sql, timedOut)).toMatchObject({ status: "failed" });
  await cancel(sql, cancelled);
  await expect.poll(polledRow(sql, cancelled)).toMatchObject({ status: "cancelled" });
  looping.send("stop");
  expect(await Promise.race([looping.ended, pause(10_000, "still running")])).toBe(0);

  expect(await row(sql, timedOut)).toMatchObject({ error: { name: "TimeoutError" } });
  expect(await row(sql, stopped)).toMatchObject({ status: "queued", attempt: 1, errors: null });
});
