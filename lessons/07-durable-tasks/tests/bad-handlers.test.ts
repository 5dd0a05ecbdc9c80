import { freshDatabase, Gate, moveTime } from "shared/testing";
import { expect, onTestFinished, test, vi } from "vitest";
import { durableTask, enqueue, result, task, Worker } from "#engine";
import { oneSlot } from "./still-works.ts";

const child = task({ name: "child", run: (n: number) => n });

test("a handler that never returns fails when its time is up, and its slot is free again", async () => {
  const { sql } = await freshDatabase();
  const endless = durableTask({
    name: "endless",
    timeoutMs: 50,
    run: async (_: null, { run }) => {
      await run(child, 1);
      return new Promise(() => {});
    },
  });
  const id = await enqueue(sql, endless, null);
  const { tickAll, stillWorks } = oneSlot(sql, [endless, child]);
  await tickAll();

  expect(await result(sql, id)).toMatchObject({
    status: "failed",
    error: { name: "TimeoutError", message: "The handler ran for longer than 50 ms" },
  });
  await stillWorks();
});

test("a handler that never returns is handed back at the deadline of a stop, and its child is not started again", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  let isEndless = true;
  const endless = durableTask({
    name: "endless",
    run: async (_: null, { run }) => {
      const output = await run(child, 1);
      if (isEndless) await gate.pass();
      return output;
    },
  });
  const id = await enqueue(sql, endless, null);
  const first = oneSlot(sql, [endless, child]).worker;
  first.start();
  await gate.arrived(1);
  await first.stop({ deadlineMs: 0 });
  const [row] = await sql`select status, attempt from tasks where id = ${id}`;
  expect(row).toEqual({ status: "queued", attempt: 1 });

  isEndless = false;
  const { tickAll, stillWorks } = oneSlot(sql, [endless, child]);
  await tickAll();
  expect(await result(sql, id)).toEqual({ status: "succeeded", output: 1 });
  expect(await sql`select from tasks where name = 'child'`).toHaveLength(1);
  await stillWorks();
});

test("a handler that has blocked its worker for longer than the lease has lost its claim, and its step is not written twice", async () => {
  const { sql } = await freshDatabase();
  let runs = 0;
  const blocking = durableTask({
    name: "blocking",
    run: async (_: null, { run, step }) => {
      const before = await step("before", () => "before");
      const blocked = await step("block", async () => {
        runs += 1;
        if (runs > 1) return "taken over";
        const now = performance.now() + 2 * LEASE_MS;
        vi.spyOn(performance, "now").mockReturnValue(now);
        await moveTime(sql, { seconds: (2 * LEASE_MS) / 1_000 });
        // In another process it would not have been blocked.
        await other.worker.tick();
        return "too late";
      });
      return [before, blocked, await run(child, 1)];
    },
  });
  const LEASE_MS = 60_000;
  onTestFinished(() => void vi.restoreAllMocks());
  const other = oneSlot(sql, [blocking, child]);
  const id = await enqueue(sql, blocking, null);
  const options = { leaseMs: LEASE_MS, heartbeatIntervalMs: LEASE_MS / 2, log: () => {} };
  const blocked = new Worker(sql, { ...options, tasks: [blocking] });
  await blocked.tick();
  await other.tickAll();
  await blocked.tick();

  expect(await result(sql, id)).toEqual({
    status: "succeeded",
    output: ["before", "taken over", 1],
  });
  const events = await sql`select name, status from events where task_id = ${id} order by seq`;
  expect(events.map(({ name, status }) => `${name} ${status}`)).toEqual([
    "before succeeded",
    "block succeeded",
    "child started",
    "child succeeded",
  ]);
  expect(await sql`select from tasks where name = 'child'`).toHaveLength(1);
  await other.stillWorks();
});

test("a durable task that is redefined as a regular one fails as different from its log, and its child is cancelled", async () => {
  const { sql } = await freshDatabase();
  const unknown = task({ name: "unknown to all workers", run: () => {} });
  const before = durableTask({
    name: "changing",
    run: async (_: null, { run, step }) => {
      await step("prepare", () => {});
      return run(unknown, undefined);
    },
  });
  const after = task({ name: "changing", run: () => "regular" });
  const id = await enqueue(sql, before, null);
  await oneSlot(sql, [before]).tickAll();
  expect(await result(sql, id)).toEqual({ status: "suspended" });
  await sql`update tasks set status = 'queued' where id = ${id}`;
  const { tickAll, stillWorks } = oneSlot(sql, [after]);
  await tickAll();

  expect(await result(sql, id)).toMatchObject({
    status: "failed",
    error: {
      name: "NonDeterminismError",
      message: expect.stringContaining(
        'Missing: call 1 was step "prepare", and the handler returned without it',
      ),
    },
  });
  await stillWorks();
  const [left] = await sql`select status from tasks where name = ${unknown.name}`;
  expect(left).toEqual({ status: "cancelled" });
});
