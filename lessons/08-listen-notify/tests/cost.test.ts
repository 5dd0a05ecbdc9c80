import { one, pgtyped, transaction } from "shared/database";
import { freshDatabase, recordStatements } from "shared/testing";
import { expect, test } from "vitest";
import { durableTask, enqueue, enqueueMany, type TaskDefinition, task, Worker } from "#engine";
import { claimTasks, insertWorker } from "../sql/queries.ts";
import { TWENTY } from "./twenty.ts";

const never = task({ name: "nobody knows it", run: (_: number) => {} });

const UPKEEP = ["insertWorker", "heartbeat", "reclaimTasks", "expireTasks"];

const GROUPS: [string, TaskDefinition<number, unknown>, string[]][] = [
  ["that succeed", task({ name: "echo", run: (n: number) => n }), ["claimTasks", "succeedTasks"]],
  [
    "of three steps each",
    durableTask({
      name: "order",
      run: async (_: number, { step }) => {
        for (const name of ["reserve", "charge", "ship"]) await step(name, () => name);
      },
    }),
    ["claimTasks", "appendEvents", "appendEvents", "appendEvents", "succeedTasks"],
  ],
  [
    "that start two children each",
    durableTask({
      name: "parent",
      run: (n: number, { run }) => Promise.all([run(never, n), run(never, n)]),
    }),
    ["claimTasks", "startChildren", "suspendTasks"],
  ],
];

test.each(GROUPS)("twenty tasks %s cost what one does", async (_, definition, queries) => {
  const { sql } = await freshDatabase();
  const recorded = recordStatements(sql);
  const worker = new Worker(recorded.sql, { tasks: [definition], slots: 20, log: () => {} });
  await enqueueMany(sql, definition, TWENTY);
  await worker.tick();

  expect(recorded.takeNames(UPKEEP)).toEqual(queries);
});

test("a claim that finds nothing writes nothing, so that its commit waits for no disk", async () => {
  const { sql } = await freshDatabase();
  const names = [never.name];
  const idle = { name: "idle", names, leaseMs: 60_000, channel: null };
  const { id: workerId } = one(await insertWorker.run(idle, pgtyped(sql)));
  const claim = () =>
    transaction(sql, async (tx) => {
      const tasks = await claimTasks.run({ workerId, names, limit: 1 }, pgtyped(tx));
      const [row] = await tx`select pg_current_xact_id_if_assigned() is not null as wrote`;
      return { tasks: tasks.length, wrote: row?.wrote };
    });

  // The first one in vain writes that the worker has room.
  expect(await claim()).toEqual({ tasks: 0, wrote: true });
  expect(await claim()).toEqual({ tasks: 0, wrote: false });
  await enqueue(sql, never, 1);
  expect(await claim()).toEqual({ tasks: 1, wrote: true });
});
