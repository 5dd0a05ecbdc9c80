import { freshDatabase, Gate } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { durableTask, enqueue, result, task, Worker } from "#engine";

const double = task({ name: "double", run: (n: number) => 2 * n });

test.each([
  ["race", ["left", "right"], "left"],
  ["race", ["right", "left"], "right"],
  ["any", ["fails", "left", "right"], "left"],
  ["any", ["right", "fails", "left"], "right"],
  ["allSettled", ["fails", "left", "right"], ["left", "right", "rejected"]],
  ["allSettled", ["right", "left", "fails"], ["left", "right", "rejected"]],
] as const)(
  "%s of children that end in the order %j has the same result when the parent resumes",
  async (how, order, came) => {
    const { sql } = await freshDatabase();
    const children = ["left", "right", "fails"].map((name) =>
      task({
        name,
        run: () => {
          if (name === "fails") throw new Error("fails");
          return name;
        },
      }),
    );
    const told: string[][] = [];
    const parent = durableTask({
      name: "parent",
      retry: { backoffMs: 0 },
      run: async (_: null, { run, step, attempt }) => {
        const heard: string[] = [];
        told.push(heard);
        const calls = children
          .filter(({ name }) => (order as readonly string[]).includes(name))
          .map((child) => run(child, undefined).finally(() => heard.push(child.name)));
        const first = await settle(how, calls);
        // All have ended when the next attempt starts.
        await Promise.allSettled(calls);
        await step("after", () => {});
        if (attempt === 1) throw new Error("once more");
        return first;
      },
    });
    const id = await enqueue(sql, parent, null);
    const parents = new Worker(sql, { tasks: [parent], log: () => {} });
    await parents.tick();
    for (const name of order) {
      const tasks = children.filter((child) => child.name === name);
      await tickAll(new Worker(sql, { tasks, log: () => {} }));
    }
    await tickAll(parents);

    expect(await result(sql, id)).toEqual({ status: "succeeded", output: came });
    expect(told.slice(-2)).toEqual([order, order]);
  },
);

test("while a step of one branch runs, another branch goes on from child to child", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const heard: number[] = [];
  const parent = durableTask({
    name: "parent",
    run: (_: null, { run, step }) => {
      const children = async () => {
        for (let n = 1; n <= 4; n += 1) heard.push(await run(double, n));
        // The step ends only after the last child.
        gate.open();
      };
      return Promise.all([step("long", () => gate.pass()), children()]);
    },
  });
  const id = await enqueue(sql, parent, null);
  const worker = new Worker(sql, { tasks: [double], pollIntervalMs: 5, log: () => {} });
  worker.start();
  onTestFinished(() => worker.stop());
  await new Worker(sql, { tasks: [parent], log: () => {} }).tick();

  expect(heard).toEqual([2, 4, 6, 8]);
  const [row] = await sql`select status, fence, attempt from tasks where id = ${id}`;
  // It was never suspended.
  expect(row).toEqual({ status: "succeeded", fence: 1, attempt: 1 });
});

async function tickAll(worker: Worker): Promise<void> {
  while ((await worker.tick()) > 0);
}

async function settle(how: "race" | "any" | "allSettled", calls: Promise<string>[]) {
  if (how !== "allSettled") return Promise[how](calls);
  const settled = await Promise.allSettled(calls);
  return settled.map((each) => (each.status === "fulfilled" ? each.value : each.status));
}
