import { backendPid, untilWaiting } from "shared/database";
import { freshDatabase } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { cancel, durableTask, enqueue, replay, result, retry, task, Worker } from "#engine";

const never = task({ name: "unknown to all workers", run: () => {} });

test("a task that has not ended can be neither retried nor replayed; the error says its status", async () => {
  const { sql } = await freshDatabase();
  const waits = durableTask({ name: "waits", run: (_: null, { run }) => run(never, undefined) });
  const id = await enqueue(sql, waits, null);
  const worker = new Worker(sql, { tasks: [waits], log: () => {} });
  for (const status of ["queued", "suspended"]) {
    await expect(retry(sql, id)).rejects.toThrow(
      `Task ${id} is ${status}; only a failed or cancelled task can be retried`,
    );
    await expect(replay(sql, id)).rejects.toThrow(
      `Task ${id} is ${status}; only a task that has ended can be replayed`,
    );
    await worker.tick();
  }
  await expect(replay(sql, "999")).rejects.toThrow("There is no task 999");
});

test("a running task can be neither retried nor replayed", async () => {
  const { sql } = await freshDatabase();
  const refused: unknown[] = [];
  const asks = durableTask({
    name: "asks",
    run: async (_: null, { taskId }) => {
      for (const ask of [retry, replay]) {
        await ask(sql, taskId).catch((error) => refused.push(error.message));
      }
    },
  });
  const id = await enqueue(sql, asks, null);
  await new Worker(sql, { tasks: [asks], log: () => {} }).tick();

  expect(refused).toEqual([
    `Task ${id} is running; only a failed or cancelled task can be retried`,
    `Task ${id} is running; only a task that has ended can be replayed`,
  ]);
  await expect(retry(sql, id)).rejects.toThrow("to run it again from the start, replay it");
});

test("a replay gives up if a child that is left is locked, and works later", async () => {
  const { sql, id } = await leftBehind();
  const holder = await sql.reserve();
  onTestFinished(() => holder.release());
  await holder`begin`;
  await holder`select from tasks where name = ${never.name} for update`;
  await expect(replay(sql, id)).rejects.toThrow(
    `Children of task ${id} are locked just now; replay it later`,
  );
  expect(await result(sql, id)).toEqual({ status: "succeeded", output: "first" });
  await holder`commit`;
  await replay(sql, id);
  expect(await result(sql, id)).toEqual({ status: "queued" });
});

test("a replay cancels the children that the old history has left, and starts its own", async () => {
  const { sql, id, worker } = await leftBehind();
  await replay(sql, id);

  expect(await sql`select status, parent_seq from tasks where name = ${never.name}`).toEqual([
    { status: "cancelled", parentSeq: 1 },
  ]);
  while ((await result(sql, id)).status !== "succeeded") await worker.tick();
  const events = await sql`
    select history, name, status from events where task_id = ${id} and name = ${never.name} order by seq`;
  expect(events.map(({ history, status }) => `${history} ${status}`)).toEqual([
    "1 started",
    // The statement that ended the task has appended it; the cancellation appends nothing.
    "1 reopened",
    "2 started",
    "2 reopened",
  ]);
  const children = await sql`
    select count(*)::int as children from tasks where parent_id = ${id} and name = 'quick'`;
  expect(children).toEqual([{ children: 2 }]);
});

test("a step of a replayed task gets another idempotency key: it is to take effect again", async () => {
  const { sql } = await freshDatabase();
  const keys: string[] = [];
  const charge = durableTask({
    name: "charge",
    run: (_: null, { step }) =>
      step("charge", ({ idempotencyKey }) => void keys.push(idempotencyKey)),
  });
  const id = await enqueue(sql, charge, null);
  const worker = new Worker(sql, { tasks: [charge], log: () => {} });
  await worker.tick();
  await replay(sql, id);
  await worker.tick();

  expect(keys).toEqual([`${id}/1`, `${id}/1/2`]);
});

test("a child that is retried by itself does not tell its parent, which takes its output when the parent is retried", async () => {
  const { sql } = await freshDatabase();
  let isBroken = true;
  const fragile = task({
    name: "fragile",
    run: () => {
      if (isBroken) throw new Error("broken");
      return "mended";
    },
  });
  const parent = durableTask({
    name: "parent",
    run: (_: null, { run }) => run(fragile, undefined),
  });
  const id = await enqueue(sql, parent, null);
  const worker = new Worker(sql, { tasks: [parent, fragile], log: () => {} });
  while ((await worker.tick()) > 0);
  expect(await result(sql, id)).toMatchObject({ status: "failed" });

  isBroken = false;
  const [child] = await sql`select id from tasks where name = 'fragile'`;
  await retry(sql, child?.id);
  while ((await worker.tick()) > 0);
  expect(await result(sql, child?.id)).toEqual({ status: "succeeded", output: "mended" });
  expect(await result(sql, id)).toMatchObject({ status: "failed" });

  isBroken = true;
  await retry(sql, id);
  while ((await worker.tick()) > 0);
  expect(await result(sql, id)).toEqual({ status: "succeeded", output: "mended" });
  const [open] = await sql`select sum(open_children)::int as open from tasks`;
  expect(open).toEqual({ open: 0 });
});

test("a cancelled task goes on when it is retried, and so do the children that were cancelled with it", async () => {
  const { sql } = await freshDatabase();
  const double = task({ name: "double", run: (n: number) => 2 * n });
  const middle = durableTask({ name: "middle", run: (n: number, { run }) => run(double, n) });
  const top = durableTask({ name: "top", run: (n: number, { run }) => run(middle, n) });
  const id = await enqueue(sql, top, 21);
  const parents = new Worker(sql, { tasks: [top, middle], log: () => {} });
  while ((await parents.tick()) > 0);
  await cancel(sql, id);
  const statuses = async () => {
    const rows = await sql`select status from tasks order by id`;
    return rows.map(({ status }) => status);
  };
  // One round cancels the children, and theirs.
  await parents.tick();
  expect(await statuses()).toEqual(["cancelled", "cancelled", "cancelled"]);

  await retry(sql, id);
  const all = new Worker(sql, { tasks: [top, middle, double], log: () => {} });
  while ((await all.tick()) > 0);
  expect(await result(sql, id)).toEqual({ status: "succeeded", output: 42 });
  expect(await sql`select status, attempt, open_children from tasks order by id`).toEqual(
    Array(3).fill({ status: "succeeded", attempt: 1, openChildren: 0 }),
  );
});

/** A task that has succeeded, with a child left that no worker has cancelled yet. */
async function leftBehind() {
  const { sql } = await freshDatabase();
  const quick = task({ name: "quick", run: () => "first" });
  const races = durableTask({
    name: "races",
    run: (_: null, { run }) => Promise.race([run(never, undefined), run(quick, undefined)]),
  });
  const id = await enqueue(sql, races, null);
  const worker = new Worker(sql, { tasks: [races, quick], log: () => {} });
  while ((await result(sql, id)).status !== "succeeded") await worker.tick();
  return { sql, id, worker };
}

test("of two retries at once, the second finds the task queued", async () => {
  const { sql } = await freshDatabase();
  const broken = task({
    name: "broken",
    run: () => {
      throw new Error("broken");
    },
  });
  const id = await enqueue(sql, broken, null);
  await new Worker(sql, { tasks: [broken], log: () => {} }).tick();
  const [holder, ...callers] = await Promise.all([sql.reserve(), sql.reserve(), sql.reserve()]);
  onTestFinished(() => {
    for (const connection of [holder, ...callers]) connection.release();
  });
  const pids = await Promise.all(callers.map(backendPid));
  await holder`begin`;
  await holder`select from tasks where id = ${id} for update`;
  const retries = Promise.allSettled(callers.map((connection) => retry(connection, id)));
  for (const pid of pids) await untilWaiting(sql, pid);
  await holder`commit`;

  const [first, second] = (await retries).toSorted((a, b) => a.status.localeCompare(b.status));
  expect(first).toMatchObject({ status: "fulfilled" });
  expect(second).toMatchObject({
    status: "rejected",
    reason: { message: `Task ${id} is queued; only a failed or cancelled task can be retried` },
  });
});
