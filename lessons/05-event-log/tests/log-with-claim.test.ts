import { one, untilWaiting } from "shared/database";
import { freshDatabase, Gate, recordStatements, row, slowToRead } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, Worker } from "#engine";
import { durableTask } from "../proofs/durable-task.ts";
import { runToEnd } from "./runs.ts";

test("a claim returns an event that was appended after the claim took its snapshot", async () => {
  const database = await freshDatabase();
  const { sql } = database;
  const ran: string[] = [];
  const gate = new Gate();
  const order = durableTask({
    name: "order",
    run: async (_: null, { step }) => {
      await step("charge", () => void ran.push("charge"));
      await step("ship", async () => {
        ran.push("ship");
        await gate.pass();
      });
    },
  });
  const id = await enqueue(sql, order, null);

  // Its claim has read the task's row in its snapshot, and has not locked it yet.
  const slow = await slowToRead(database, "tasks");
  const recorded = recordStatements(slow.sql);
  const late = new Worker(recorded.sql, { tasks: [order], log: () => {} }).tick();
  await untilWaiting(sql, slow.pid);
  expect(recorded.takeNames().at(-1)).toBe("claimTasks");
  // Another worker runs the first step, and returns the task to the queue. With one slot, it has no second claim under way.
  const first = new Worker(sql, { tasks: [order], slots: 1, graceMs: 0, log: () => {} });
  first.start();
  await gate.arrived(1);
  await first.stop({ deadlineMs: 0 });
  expect(await row(sql, id)).toMatchObject({ status: "queued", fence: 1, eventCount: 1 });
  gate.open();
  await slow.goOn();

  expect(await late).toBe(1);
  expect(ran).toEqual(["charge", "ship", "ship"]);
  expect(await row(sql, id)).toMatchObject({ status: "succeeded", fence: 2, attempt: 1 });
});

test("a claim returns a long log in order, and each output exactly as it was stored", async () => {
  const { sql } = await freshDatabase();
  const CALLS = 1_000;
  const ran: number[] = [];
  const outputs: unknown[] = [];
  const survey = durableTask({
    name: "survey",
    run: async (_: null, { step }) => {
      for (let call = 1; call <= CALLS; call += 1) {
        outputs.push(await step(`part ${call}`, () => void ran.push(call)));
      }
    },
  });
  const id = await enqueue(sql, survey, null);
  // Each call was retried once. The rows are inserted in reverse order, so that reading them in storage order is wrong.
  await sql`
    insert into events (task_id, seq, position, kind, name, attempt, status, output, error)
    select ${id}, seq, position, 'step', 'part ' || position, 2 - seq % 2,
           case seq % 2 when 0 then 'succeeded'::call_status else 'retried' end,
           case seq % 2 when 0 then format('{"longer": %s, "b": 5e-324, "a": "é\\n"}', position)::json end,
           case seq % 2 when 1 then '{"name": "Error", "message": "no answer"}'::jsonb end
    from (
      select seq, (seq + 1) / 2 as position
      from generate_series(${2 * CALLS}::int, 1, -1) as seq
    ) as reversed`;
  await sql`update tasks set event_count = ${2 * CALLS} where id = ${id}`;
  await runToEnd(sql, survey);

  expect(ran).toEqual([]);
  expect(outputs.map((output) => JSON.stringify(output))).toEqual(
    Array.from({ length: CALLS }, (_, index) => `{"longer":${index + 1},"b":5e-324,"a":"é\\n"}`),
  );
});

test("an output of fourteen megabytes is kept, and its step does not run again", async () => {
  const { sql } = await freshDatabase();
  let runs = 0;
  const render = durableTask({
    name: "render",
    retry: { maxAttempts: 2, backoffMs: 0 },
    run: async (_: null, { step, attempt }) => {
      const text = await step("render", () => {
        runs += 1;
        // JSON escapes each quote.
        return '"'.repeat(7_000_000);
      });
      if (attempt === 1) throw new Error("again");
      return text.length;
    },
  });
  const id = await enqueue(sql, render, null);
  await runToEnd(sql, render);

  expect(runs).toBe(1);
  expect(await row(sql, id)).toMatchObject({ status: "succeeded", output: 7_000_000 });
  const stored = one(await sql`select octet_length(output::text) as bytes from events`);
  expect(stored.bytes).toBe(14_000_002);
});
