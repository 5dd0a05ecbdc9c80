import { transaction } from "shared/database";
import { freshDatabase, Gate, moveTime } from "shared/testing";
import { expect, test } from "vitest";
import { cancel, enqueue, result, task, Worker } from "#engine";

const silent = { log: () => {} };

test("reclaiming waits for nobody: a task whose row somebody holds is left for the next time", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const wait = task({ name: "wait", run: () => gate.pass() });
  const held = await enqueue(sql, wait, null);
  const free = await enqueue(sql, wait, null);
  const lost = new Worker(sql, { tasks: [wait], ...silent }).tick();
  await gate.arrived(2);
  await moveTime(sql, { seconds: 15 });

  const other = new Worker(sql, { tasks: [], ...silent });
  await transaction(sql, async (tx) => {
    await cancel(tx, held);
    await other.tick();
    expect(await result(sql, free)).toEqual({ status: "queued" });
    expect(await result(sql, held)).toEqual({ status: "running" });
  });
  await other.tick();
  expect(await result(sql, held)).toEqual({ status: "cancelled" });
  expect(await sql`select from workers`).toHaveLength(1);
  gate.open();
  await lost;
});

test("a worker that was declared dead does not keep the task it lost from being reclaimed again", async () => {
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
  // Its handler of the first attempt still runs; it takes the task back from the second worker.
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
