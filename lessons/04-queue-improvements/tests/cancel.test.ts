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
  "a task that was cancelled before its worker heard of it ends cancelled, though its handler %s",
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
    // It is not over before its worker says so: until then its handler runs.
    expect(await result(sql, id)).toEqual({ status: "running" });
    expect(await cancel(sql, id)).toBe(true);
    gate.open();
    await round;

    expect(await result(sql, id)).toEqual({ status: "cancelled" });
    expect(await cancel(sql, id)).toBe(true);
  },
);

test("a cancelled task whose worker is lost ends cancelled, and does not run again", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const work = task({ name: "work", run: () => gate.pass() });
  const id = await enqueue(sql, work, null);
  const round = new Worker(sql, { tasks: [work], ...silent }).tick();
  await gate.arrived(1);
  await cancel(sql, id);
  await moveTime(sql, { seconds: 15 });
  expect(await new Worker(sql, { tasks: [work], ...silent }).tick()).toBe(0);
  gate.open();
  await round;

  expect(await result(sql, id)).toEqual({ status: "cancelled" });
});

test("a task that has ended cannot be cancelled, and one that is not there is an error", async () => {
  const { sql } = await freshDatabase();
  const work = task({ name: "work", run: () => "done" });
  const id = await enqueue(sql, work, null);
  await new Worker(sql, { tasks: [work], ...silent }).tick();

  expect(await cancel(sql, id)).toBe(false);
  expect(await result(sql, id)).toEqual({ status: "succeeded", output: "done" });
  await expect(cancel(sql, "1000")).rejects.toThrow("There is no task 1000");
});

test("a running task that is cancelled keeps its place under a limit until its handler has ended", async () => {
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
