import { one, pgtyped, transaction } from "shared/database";
import { freshDatabase, recordStatements } from "shared/testing";
import { expect, test } from "vitest";
import { durableTask, enqueue, enqueueMany, type TaskDefinition, task, Worker } from "#engine";
import { claimTasks, insertWorker } from "../sql/queries.ts";
import { TWENTY } from "./twenty.ts";

const never = task({ name: "nobody knows it", run: (_: number) => {} });

const GROUPS: [string, TaskDefinition<number, unknown>, string[]][] = [
  ["that succeed", task({ name: "echo", run: (n: number) => n }), ["claim", "outcome"]],
  [
    "of three steps each",
    durableTask({
      name: "order",
      run: async (_: number, { step }) => {
        for (const name of ["reserve", "charge", "ship"]) await step(name, () => name);
      },
    }),
    ["claim", "append", "append", "append", "outcome"],
  ],
  [
    "that start two children each",
    durableTask({
      name: "parent",
      run: (n: number, { run }) => Promise.all([run(never, n), run(never, n)]),
    }),
    ["claim", "start", "suspend"],
  ],
];

test.each(GROUPS)("twenty tasks %s cost what one does", async (_, definition, statements) => {
  const { sql } = await freshDatabase();
  await enqueueMany(sql, definition, TWENTY);
  const recorded = recordStatements(sql);
  const worker = new Worker(recorded.sql, { tasks: [definition], slots: 20, log: () => {} });
  await worker.tick();

  const kinds = recorded.statements.map(({ text }) => kindOf(text));
  expect(kinds.filter((kind) => kind !== "upkeep")).toEqual(statements);
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

function kindOf(text: string): string {
  if (text.includes("insert into tasks")) return "start";
  if (text.includes("'suspended' else status")) return "suspend";
  if (text.includes("set status = 'running'")) return "claim";
  if (text.includes("set lease_ends_at") || text.includes("insert into workers")) return "upkeep";
  if (text.includes("with dead as") || text.includes("with overdue as")) return "upkeep";
  if (text.includes("set status = 'succeeded'")) return "outcome";
  if (text.includes("insert into events")) return "append";
  return text;
}
