import { freshDatabase, Gate, moveTime } from "shared/testing";
import { expect, test } from "vitest";
import { cancel, enqueue, result, setConcurrencyLimit, task, Worker } from "#engine";

const silent = { log: () => {} };

test.each([
  ["succeeds", () => "done"],
  [
    "fails",
    () => {
      throw new Error("no");
    },
  ],
])(
  "a task that is cancelled ends cancelled even if its worker has not noticed yet, and its handler %s",
  async (_, end) => {
    const { sql } = await freshDatabase();
    const gate = new Gate();
    const work = task({
      name: "work",
      retry: {},
      run: async () => {
        await gate.pass();
        return end();
      },
    });
    const id = await enqueue(sql, work, null);
    const round = new Worker(sql, { tasks: [work], ...silent }).tick();
    await gate.arrived(1);
    expect(await cancel(sql, id)).toBe(true);
    // Until its handler has ended, the task is running.
    expect(await result(sql, id)).toEqual({ status: "running" });
    expect(await cancel(sql, id)).toBe(true);
    gate.open();
    await round;

    expect(await result(sql, id)).toEqual({ status: "cancelled" });
    expect(await cancel(sql, id)).toBe(true);
  },
);

test("a cancelled task whose worker was lost ends cancelled, and does not run again", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  let runs = 0;
  const work = task({
    name: "work",
    run: async () => {
      runs += 1;
      await gate.pass();
    },
  });
  const id = await enqueue(sql, work, null);
  const round = new Worker(sql, { tasks: [work], ...silent }).tick();
  await gate.arrived(1);
  await cancel(sql, id);
  await moveTime(sql, { seconds: 15 });
  await new Worker(sql, { tasks: [work], ...silent }).tick();
  expect(await result(sql, id)).toEqual({ status: "cancelled" });
  gate.open();
  await round;

  expect(runs).toBe(1);
  expect(await result(sql, id)).toEqual({ status: "cancelled" });
});

test("a task that has ended cannot be cancelled, and cancelling a task that does not exist throws", async () => {
  const { sql } = await freshDatabase();
  const work = task({ name: "work", run: () => "done" });
  const id = await enqueue(sql, work, null);
  await new Worker(sql, { tasks: [work], ...silent }).tick();

  expect(await cancel(sql, id)).toBe(false);
  expect(await result(sql, id)).toEqual({ status: "succeeded", output: "done" });
  await expect(cancel(sql, "1000")).rejects.toThrow("There is no task 1000");
});

test("a running task that is cancelled counts towards its limit until its handler has ended", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const work = task({ name: "work", run: () => gate.pass() });
  await setConcurrencyLimit(sql, "api", 1);
  const first = await enqueue(sql, work, null, { concurrencyKey: "api" });
  await enqueue(sql, work, null, { concurrencyKey: "api" });
  const round = new Worker(sql, { tasks: [work], ...silent }).tick();
  await gate.arrived(1);
  await cancel(sql, first);
  expect(await new Worker(sql, { tasks: [work], ...silent }).tick()).toBe(0);
  gate.open();
  await round;
  expect(await new Worker(sql, { tasks: [work], ...silent }).tick()).toBe(1);
});
