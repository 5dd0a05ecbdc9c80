import { freshDatabase, losingReplies } from "shared/testing";
import { expect, test } from "vitest";
import { durableTask, enqueue, result, task, Worker } from "#engine";

const STATEMENTS = {
  "starts a child": ["startChild", "startChildren"],
  "suspends the parent": ["suspendTask", "suspendTasks"],
  "ends a child": ["succeedTask", "succeedTasks"],
};

test.each(Object.entries(STATEMENTS))(
  "an answer that is lost of what %s changes nothing",
  async (_, query) => {
    const { sql } = await freshDatabase();
    let runs = 0;
    const count = task({
      name: "count",
      run: () => {
        runs += 1;
      },
    });
    const parent = durableTask({
      name: "parent",
      run: async (_: null, { run }) => {
        await run(count, undefined);
        return "done";
      },
    });
    const id = await enqueue(sql, parent, null);
    const losing = losingReplies(sql, query, 1);
    const worker = new Worker(losing, { tasks: [parent, count], log: () => {} });
    while ((await worker.tick()) > 0);

    expect(await result(sql, id)).toEqual({ status: "succeeded", output: "done" });
    expect(runs).toBe(1);
    expect(await sql`select status from events where task_id = ${id} order by seq`).toEqual([
      { status: "started" },
      { status: "succeeded" },
    ]);
    const tasks =
      await sql`select count(*)::int as tasks, sum(open_children)::int as open from tasks`;
    expect(tasks).toEqual([{ tasks: 2, open: 0 }]);
  },
);
