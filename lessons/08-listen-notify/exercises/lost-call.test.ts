import { randomUUID } from "node:crypto";
import { one, pgtyped } from "shared/database";
import { freshDatabase, polledRow, row } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { durableTask, enqueue, task, Worker } from "#engine";
import { listenToCalls } from "../proofs/calls.ts";
import { claimTasks, insertWorker } from "../sql/queries.ts";

const hello = task({ name: "hello", run: (name: string) => `hello ${name}` });

test("nobody is called for what is committed between a claim's look and its commit", async () => {
  const database = await freshDatabase();
  const { sql } = database;
  const { claiming, claim } = await workerWithChannel();
  const called = await listenToCalls(database);
  await claiming`begin`;
  expect(await claim()).toEqual([]);
  const id = await enqueue(sql, hello, "you");
  await claiming`commit`;

  // The worker has looked, and may be called; but for this task nobody will call it any more.
  expect(await sql`select has_room from workers`).toEqual([{ hasRoom: true }]);
  expect(await row(sql, id)).toMatchObject({ status: "queued" });
  expect(await called()).toEqual([]);
  expect(await claim()).toMatchObject([{ id }]);

  async function workerWithChannel() {
    const claiming = await sql.reserve();
    onTestFinished(() => claiming.release());
    const db = pgtyped(claiming);
    const names = ["hello"];
    const worker = { name: "worker", names, leaseMs: 60_000, channel: `worker_${randomUUID()}` };
    const { id: workerId } = one(await insertWorker.run(worker, db));
    return { claiming, claim: () => claimTasks.run({ workerId, names, limit: 1 }, db) };
  }
});

test("without any call, a worker finds all of it by its polls", async () => {
  const { sql } = await freshDatabase();
  await sql`
    create or replace function call_workers(for_name text, tasks bigint) returns bigint
    language sql volatile
    as 'select 0::bigint'`;
  const greet = durableTask({
    name: "greet",
    run: async (name: string, { run, step }) => {
      await step("look it up", () => name);
      return run(hello, name);
    },
  });
  const worker = new Worker(sql, { tasks: [greet, hello], log: () => {} });
  worker.start();
  onTestFinished(() => worker.stop());
  for (const name of ["you", "them", "all"]) {
    const id = await enqueue(sql, greet, name);
    await expect
      .poll(polledRow(sql, id))
      .toMatchObject({ status: "succeeded", output: `hello ${name}` });
  }
});
