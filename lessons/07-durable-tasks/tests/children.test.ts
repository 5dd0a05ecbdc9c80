import { freshDatabase, Gate, log } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import {
  durableTask,
  enqueue,
  result,
  retry,
  setConcurrencyLimit,
  type TaskDefinition,
  task,
  Worker,
} from "#engine";

const double = task({ name: "double", run: (n: number) => 2 * n });

test("a child has the priority of its parent, unless it is given one", async () => {
  const { sql } = await freshDatabase();
  const family = durableTask({
    name: "family",
    run: (depth: number, { run }): Promise<unknown> =>
      depth === 0
        ? Promise.all([run(double, 1), run(double, 2, { priority: "low" })])
        : run(family, depth - 1),
  });
  const id = await enqueue(sql, family, 1, { priority: "high" });
  await tickAll(new Worker(sql, { tasks: [family, double], log: () => {} }));

  expect(await result(sql, id)).toEqual({ status: "succeeded", output: [2, 4] });
  expect(await sql`select name, input, priority from tasks order by id`).toEqual([
    { name: "family", input: 1, priority: "high" },
    { name: "family", input: 0, priority: "high" },
    { name: "double", input: 1, priority: "high" },
    { name: "double", input: 2, priority: "low" },
  ]);
});

test("no more children of a key run than its limit allows, across all workers and parents", async () => {
  const { sql } = await freshDatabase();
  let [running, most] = [0, 0];
  const gate = new Gate();
  const call = task({
    name: "call",
    run: async () => {
      running += 1;
      most = Math.max(most, running);
      await gate.pass();
      running -= 1;
    },
  });
  const parent = durableTask({
    name: "parent",
    run: (_: null, { run }) =>
      Promise.all([1, 2, 3].map(() => run(call, undefined, { concurrencyKey: "api" }))),
  });
  await setConcurrencyLimit(sql, "api", 2);
  for (let parents = 0; parents < 2; parents += 1) await enqueue(sql, parent, null);
  await tickAll(new Worker(sql, { tasks: [parent], log: () => {} }));
  const workers = [1, 2, 3].map(() => new Worker(sql, { tasks: [parent, call], log: () => {} }));
  const ticks = workers.map((worker) => worker.tick());
  await gate.arrived(2);
  const started = await sql`select from tasks where name = 'call' and status = 'running'`;
  expect(started).toHaveLength(2);
  gate.open();
  await Promise.all(ticks);
  for (const worker of workers) await tickAll(worker);

  expect(most).toBe(2);
  const statuses = await sql`select distinct status from tasks`;
  expect(statuses).toEqual([{ status: "succeeded" }]);
});

test.each([
  ["another input", double, 22, "Changed: the input of call 1 is not what it was"],
  [
    "another child",
    task({ name: "triple", run: (n: number) => 3 * n }),
    21,
    'Different: call 1 was child "double"',
  ],
])(
  "a parent that makes the call of its child with %s fails as different from its log",
  async (_, changed, input, verdict) => {
    const { sql } = await freshDatabase();
    let isChanged = false;
    const parent = durableTask({
      name: "parent",
      run: (_: null, { run }) => (isChanged ? run(changed, input) : run(double, 21)),
    });
    const id = await enqueue(sql, parent, null);
    const worker = new Worker(sql, { tasks: [parent, double, changed].slice(0, 2), log: () => {} });
    await worker.tick();
    isChanged = true;
    await tickAll(worker);
    expect(await result(sql, id)).toMatchObject({
      status: "failed",
      error: { name: "NonDeterminismError", message: expect.stringContaining(verdict) },
    });
    expect(await log(sql, id)).toEqual(["1 double started", "1 double succeeded"]);

    // The code is fixed.
    isChanged = false;
    await retry(sql, id);
    await tickAll(worker);
    expect(await result(sql, id)).toEqual({ status: "succeeded", output: 42 });
  },
);

test("a child that is not awaited is started, ends no process if it fails, and is cancelled once its parent has ended", async () => {
  const { sql } = await freshDatabase();
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on("unhandledRejection", note);
  onTestFinished(() => void process.off("unhandledRejection", note));
  const fails = task({
    name: "fails",
    run: () => {
      throw new Error("not seen");
    },
  });
  const unknown = task({ name: "unknown to all workers", run: () => {} });
  const parent = durableTask({
    name: "parent",
    run: async (_: null, { run, step }) => {
      run(unknown, undefined);
      run(fails, undefined);
      await step("go on", () => {});
      return run(double, 21);
    },
  });
  const id = await enqueue(sql, parent, null);
  const worker = new Worker(sql, { tasks: [parent, fails, double], log: () => {} });
  await tickAll(worker);
  expect(await result(sql, id)).toEqual({ status: "succeeded", output: 42 });
  await worker.tick();

  expect(unhandled).toEqual([]);
  const tasks = await sql`select name, status, open_children from tasks order by name`;
  expect(tasks).toEqual([
    { name: "double", status: "succeeded", openChildren: 0 },
    { name: "fails", status: "failed", openChildren: 0 },
    { name: "parent", status: "succeeded", openChildren: 0 },
    { name: "unknown to all workers", status: "cancelled", openChildren: 0 },
  ]);
});

test("a task that calls itself ends", async () => {
  const { sql } = await freshDatabase();
  const fibonacci: TaskDefinition<number, number> = durableTask({
    name: "fibonacci",
    run: async (n: number, { run }): Promise<number> => {
      if (n < 2) return n;
      const [a, b] = await Promise.all([run(fibonacci, n - 1), run(fibonacci, n - 2)]);
      return a + b;
    },
  });
  const id = await enqueue(sql, fibonacci, 7);
  const worker = new Worker(sql, { tasks: [fibonacci], slots: 2, log: () => {} });
  await tickAll(worker);

  expect(await result(sql, id)).toEqual({ status: "succeeded", output: 13 });
  const [counted] = await sql`select count(*)::int as tasks from tasks`;
  expect(counted).toEqual({ tasks: 41 });
});

async function tickAll(worker: Worker): Promise<void> {
  while ((await worker.tick()) > 0);
}
