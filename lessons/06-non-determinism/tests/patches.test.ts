import { setImmediate as nextTurn } from "node:timers/promises";
import { freshDatabase, Gate, log, stoppingAt } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, Worker } from "#engine";
import { durableTask } from "../proofs/durable-task.ts";

// Otherwise a crash could leave the event of the step and no patch, as in the log of a task that is older than the patch.
test("a step that is called beside a patch starts only when the patch is in the log", async () => {
  const { sql } = await freshDatabase();
  const ran: string[] = [];
  const ship = durableTask({
    name: "ship",
    run: (_: null, { step, patched }) =>
      Promise.all([patched("by train"), step("weigh", () => void ran.push("weigh"))]),
  });
  const id = await enqueue(sql, ship, null);
  const gate = new Gate();
  const patch = {
    query: ["appendEvent", "appendEvents"],
    values: "by train",
    when: "before",
  } as const;
  const stopped = stoppingAt(sql, patch, () => gate.pass());
  const ticking = new Worker(stopped, { tasks: [ship], leaseMs: 3_600_000, log: () => {} }).tick();
  await gate.arrived(1);
  await nextTurn();
  expect(ran).toEqual([]);
  gate.open();
  await ticking;

  expect(ran).toEqual(["weigh"]);
  expect(await log(sql, id)).toEqual(["1 by train succeeded", "2 weigh succeeded"]);
});
