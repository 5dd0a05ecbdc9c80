import { transaction } from "shared/database";
import { freshDatabase, Gate, moveTime, polledRow, stoppingAt } from "shared/testing";
import { expect, test } from "vitest";
import { enqueue, result, task, Worker } from "#engine";

const silent = { log: () => {} };

test("reclaiming does not wait for a locked row, and takes it the next time", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const wait = task({ name: "wait", run: () => gate.pass() });
  const locked = await enqueue(sql, wait, null);
  const free = await enqueue(sql, wait, null);
  const lost = new Worker(sql, { tasks: [wait], ...silent }).tick();
  await gate.arrived(2);
  await moveTime(sql, { seconds: 15 });

  const other = new Worker(sql, { tasks: [], ...silent });
  await transaction(sql, async (tx) => {
    await tx`select from tasks where id = ${locked} for update`;
    await other.tick();
    expect(await result(sql, free)).toEqual({ status: "queued" });
    expect(await result(sql, locked)).toEqual({ status: "running" });
  });
  await other.tick();
  expect(await result(sql, locked)).toEqual({ status: "queued" });
  await other.tick();
  expect(await sql`select from workers`).toHaveLength(1);
  gate.open();
  await lost;
});

test("a thawed worker stops the runs that other workers have taken, and keeps the others", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const stopped: string[] = [];
  const wait = task({
    name: "wait",
    run: async (which: string, { signal }) => {
      signal.addEventListener("abort", () => stopped.push(`${which}: ${signal.reason.name}`));
      await gate.pass();
    },
  });
  const kept = await enqueue(sql, wait, "kept");
  const taken = await enqueue(sql, wait, "taken");
  const frozen = new Worker(sql, { tasks: [wait], ...silent });
  const first = frozen.tick();
  await gate.arrived(2);
  await moveTime(sql, { seconds: 15 });
  let second: Promise<number> | undefined;
  await transaction(sql, async (tx) => {
    await tx`select from tasks where id = ${kept} for update`;
    second = new Worker(sql, { tasks: [wait], ...silent }).tick();
    await gate.arrived(3);
  });

  await frozen.tick();
  expect(stopped).toEqual(["taken: ClaimLostError"]);
  gate.open();
  await Promise.all([first, second]);
  const rows = await sql`select id, status, attempt from tasks order by id`;
  expect(rows).toEqual([
    { id: kept, status: "succeeded", attempt: 1 },
    { id: taken, status: "succeeded", attempt: 2 },
  ]);
});

test("an outage longer than the lease costs no attempt if no other worker has taken the task", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  let wasStopped = false;
  const wait = task({
    name: "wait",
    run: async (_: null, { signal }) => {
      await gate.pass();
      wasStopped = signal.aborted;
    },
  });
  const id = await enqueue(sql, wait, null);
  const worker = new Worker(sql, { tasks: [wait], ...silent });
  const run = worker.tick();
  await gate.arrived(1);
  await moveTime(sql, { seconds: 60 });
  await worker.tick();
  gate.open();
  await run;

  expect(wasStopped).toBe(false);
  const [row] = await sql`select status, attempt, fence from tasks where id = ${id}`;
  expect(row).toEqual({ status: "succeeded", attempt: 1, fence: 1 });
});

test("a worker can reclaim a task that it has lost itself", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const wait = task({ name: "wait", run: () => gate.pass() });
  const id = await enqueue(sql, wait, null);
  const first = new Worker(sql, { tasks: [wait], ...silent });
  const runs = [first.tick()];
  await gate.arrived(1);
  await moveTime(sql, { seconds: 15 });
  runs.push(new Worker(sql, { tasks: [wait], ...silent }).tick());
  await gate.arrived(2);
  await moveTime(sql, { seconds: 15 });
  // The handler of its first attempt is still running.
  runs.push(first.tick());
  await gate.arrived(3);

  const [row] = await sql`select status, attempt, fence from tasks where id = ${id}`;
  expect(row).toEqual({ status: "running", attempt: 3, fence: 3 });
  gate.open();
  await Promise.all(runs);
});

test("two workers that reclaim at once take each task once", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const wait = task({ name: "wait", run: () => gate.pass() });
  for (let n = 0; n < 40; n += 1) await enqueue(sql, wait, null);
  const lost = Array.from({ length: 4 }, () =>
    new Worker(sql, { tasks: [wait], ...silent }).tick(),
  );
  await gate.arrived(40);
  await moveTime(sql, { seconds: 15 });
  await Promise.all([1, 2, 3, 4].map(() => new Worker(sql, { tasks: [], ...silent }).tick()));

  const rows = await sql`select status, attempt, count(*)::int from tasks group by 1, 2`;
  expect(rows).toEqual([{ status: "queued", attempt: 2, count: 40 }]);
  gate.open();
  await Promise.all(lost);
});

test("a worker that is lost while it ends a task without attempts left harms no other task", async () => {
  const { sql } = await freshDatabase();
  const hang = task({ name: "hang", retry: { maxAttempts: 1 }, run: () => new Promise(() => {}) });
  const greet = task({ name: "greet", run: () => "hello" });
  const id = await enqueue(sql, hang, null);
  void new Worker(sql, { tasks: [hang], ...silent }).tick();
  await expect.poll(polledRow(sql, id)).toMatchObject({ status: "running" });
  await moveTime(sql, { seconds: 15 });
  const stopped = new Gate();
  const ending = stoppingAt(sql, { query: "endRun", when: "before" }, () => stopped.pass());
  void new Worker(ending, { tasks: [hang], ...silent }).tick();
  await stopped.arrived(1);
  await moveTime(sql, { seconds: 15 });

  const other = new Worker(sql, { tasks: [greet], ...silent });
  const greeted = await enqueue(sql, greet, null);
  await other.tick();
  expect(await result(sql, greeted)).toEqual({ status: "succeeded", output: "hello" });
  await new Worker(sql, { tasks: [hang], ...silent }).tick();
  const [row] = await sql`
    select status, attempt, error ->> 'message' as error, jsonb_array_length(errors) as errors
    from tasks where id = ${id}`;
  const error = expect.stringMatching(/orker.* was lost during attempt 1 of 1$/);
  expect(row).toEqual({ status: "failed", attempt: 1, error, errors: 1 });
});
