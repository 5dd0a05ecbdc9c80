import { freshDatabase, losingReplies } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { durableTask, enqueueMany, result, task, Worker } from "#engine";
import { GROUPS } from "./groups.ts";
import { TWENTY } from "./twenty.ts";

test.each(GROUPS)(
  "an answer that is lost of $what of many tasks changes nothing for any of them",
  async ({ what, batch, single }) => {
    const { sql } = await freshDatabase();
    const runs = { step: 0, child: 0 };
    const count = task({
      name: "count",
      run: (n: number) => {
        runs.child += 1;
        return n;
      },
    });
    const parent = durableTask({
      name: "parent",
      run: async (n: number, { run, step }) => {
        await step("count", () => {
          runs.step += 1;
        });
        return run(count, n);
      },
    });
    const ids = await enqueueMany(sql, parent, TWENTY);
    // An event or a child is looked up. A suspension or an output is sent again, and loses its second reply too.
    const times = what === "suspensions" || what === "outputs" ? 2 : 1;
    const losing = losingReplies(sql, [batch, single], times);
    const tasks = [parent, count];
    const worker = new Worker(losing, { tasks, slots: 20, log: () => {} });
    while ((await worker.tick()) > 0);

    const results = await Promise.all(ids.map((id) => result(sql, id)));
    expect(results).toEqual(TWENTY.map(({ input: output }) => ({ status: "succeeded", output })));
    expect(runs).toEqual({ step: TWENTY.length, child: TWENTY.length });
    const logs = await sql`
      select distinct array_agg(format('%s %s', name, events.status) order by seq) as log, count(*)::int
      from events
      group by task_id`;
    expect(logs).toEqual([
      { log: ["count succeeded", "count started", "count succeeded"], count: 3 },
    ]);
    const tasksLeft = await sql`
      select count(*)::int as tasks, sum(open_children)::int as open, sum(event_count)::int as events
      from tasks`;
    expect(tasksLeft).toEqual([{ tasks: 40, open: 0, events: 60 }]);
  },
);

test("what was claimed behind outputs is taken back at once if the answer is lost", async () => {
  const { sql } = await freshDatabase();
  const echo = task({ name: "echo", run: (n: number) => n });
  const ids = await enqueueMany(sql, echo, TWENTY);
  const losing = losingReplies(sql, "claimTasks", 1);
  // The first claim is answered: only one that comes behind outputs is on a reserved connection.
  const behind = new Proxy(sql, {
    get: (pool, key) => Reflect.get(key === "reserve" ? losing : pool, key),
  });
  const log: string[] = [];
  const worker = new Worker(behind, {
    tasks: [echo],
    slots: 10,
    heartbeatIntervalMs: 60_000,
    leaseMs: 120_000,
    log: (line) => log.push(line),
  });
  worker.start();
  onTestFinished(() => worker.stop());

  const results = () => Promise.all(ids.map((id) => result(sql, id)));
  const all = TWENTY.map(({ input: output }) => ({ status: "succeeded", output }));
  await expect.poll(results).toEqual(all);
  expect(log).toContainEqual(expect.stringContaining("claim failed"));
  expect(await sql`select distinct attempt from tasks`).toEqual([{ attempt: 1 }]);
});
