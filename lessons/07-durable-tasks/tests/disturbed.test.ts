import { freshDatabase, Gate, moveTime, postgresError, refusing, stoppingAt } from "shared/testing";
import { expect, test } from "vitest";
import { durableTask, enqueue, result, task, Worker } from "#engine";

const never = task({ name: "nobody knows it", startTimeoutMs: 10_000, run: () => {} });

test("a signal that fires while a task is being suspended costs no slot, whatever the handler makes of it", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const suspended = { query: ["suspendTask", "suspendTasks"], when: "after" } as const;
  const stopping = stoppingAt(sql, suspended, () => gate.pass());
  const hasty = durableTask({
    name: "hasty",
    run: async (_: null, { run, signal }) => {
      signal.addEventListener("abort", () => gate.open());
      return run(never, undefined).catch((error) => error.name);
    },
  });
  const id = await enqueue(sql, hasty, null);
  const worker = new Worker(stopping, { tasks: [hasty], slots: 1, log: () => {} });
  const tick = worker.tick();
  await gate.arrived(1);
  await worker.stop({ deadlineMs: 0 });
  await tick;

  expect(await result(sql, id)).toEqual({ status: "suspended" });
  expect(await sql`select from workers`).toHaveLength(0);
});

test("news that cannot be read end the attempt, and the worker goes on", async () => {
  const { sql } = await freshDatabase();
  const told = new Gate();
  const patient = durableTask({
    name: "patient",
    run: async (isPatient: boolean, { run, step, signal }) => {
      if (!isPatient) return "goes on";
      signal.addEventListener("abort", () => told.open());
      const step1 = step("until it is told to end", () => told.pass());
      return Promise.allSettled([step1, run(never, undefined)]);
    },
  });
  await enqueue(sql, patient, true);
  const forbidden = postgresError("42501", "permission denied");
  const broken = refusing(sql, "readNews", 1, forbidden);
  const worker = new Worker(broken, { tasks: [patient], log: () => {} });
  await expect(worker.tick()).rejects.toThrow("permission denied");

  const next = await enqueue(sql, patient, false);
  await worker.tick();
  expect(await result(sql, next)).toEqual({ status: "succeeded", output: "goes on" });
});

test("a parent's row that somebody holds keeps no worker from its round: its children end the next time", async () => {
  const { sql } = await freshDatabase();
  const parent = durableTask({
    name: "parent",
    run: (_: null, { run }) => run(never, undefined).catch((error) => error.message),
  });
  const id = await enqueue(sql, parent, null);
  const worker = new Worker(sql, { tasks: [parent], log: () => {} });
  await worker.tick();
  await moveTime(sql, { seconds: 11 });
  const holder = await sql.reserve();
  await holder`begin`;
  await holder`select from tasks where id = ${id} for update`;
  const another = new Worker(sql, { tasks: [parent], log: () => {} });
  await another.tick();
  expect(await result(sql, id)).toEqual({ status: "suspended" });

  await holder`commit`;
  holder.release();
  while ((await result(sql, id)).status !== "succeeded") await another.tick();
  expect(await result(sql, id)).toMatchObject({
    output: expect.stringMatching(/could not be started: Nobody started it within 10000 ms/),
  });
});
