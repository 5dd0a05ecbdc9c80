import { freshDatabase } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, type TaskContext, Worker } from "#engine";
import { durableTask } from "./durable-task.ts";

test("the time, a random number and a UUID are the same in every run", async () => {
  const { sql } = await freshDatabase();
  const seen: unknown[] = [];
  const draw = durableTask({
    name: "draw",
    retry: { backoffMs: 0 },
    run: async (_: null, context) => {
      const { now, random, uuid } = special(context);
      const drawn = [await now(), await random(), await random(), await uuid(), await now()];
      seen.push(drawn);
      if (seen.length < 3) throw new Error("again");
    },
  });
  await enqueue(sql, draw, null);
  const worker = new Worker(sql, { tasks: [draw], log: () => {} });
  while ((await worker.tick()) > 0);

  const [first = []] = seen as unknown[][];
  expect(seen).toEqual([first, first, first]);
  const [before, one, another, id, after] = first as [Date, number, number, string, Date];
  expect(before).toBeInstanceOf(Date);
  expect(after.getTime()).toBeGreaterThanOrEqual(before.getTime());
  expect(one).not.toBe(another);
  expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
});

test("the time is the database's, even if the worker's clock is wrong", async () => {
  const { sql } = await freshDatabase();
  const ask = durableTask({ name: "ask", run: (_: null, context) => special(context).now() });
  const id = await enqueue(sql, ask, null);
  const { now } = Date;
  Date.now = () => now() + 600_000;
  await new Worker(sql, { tasks: [ask], log: () => {} }).tick();
  Date.now = now;

  const [answer] = await sql`
    select abs(extract(epoch from now() - (output #>> '{}')::timestamptz)) < 60 as is_now
    from tasks
    where id = ${id}`;
  expect(answer).toEqual({ isNow: true });
});

type Special = Pick<TaskContext, "now" | "random" | "uuid">;

/** An engine without these calls leaves a handler with values that are different in each run. */
function special(context: TaskContext): Special {
  const { now, random, uuid } = context as Partial<Special>;
  return {
    now: now ?? (async () => new Date(Date.now())),
    random: random ?? (async () => Math.random()),
    uuid: uuid ?? (async () => crypto.randomUUID()),
  };
}
