import { freshDatabase, Gate, postgresError, refusing, stoppingAt } from "shared/testing";
import { expect, test } from "vitest";
import { type DurableContext, durableTask, enqueue, result, task, Worker } from "#engine";

const SUSPEND = ["suspendTask", "suspendTasks"];
const never = task({ name: "unknown to all workers", run: () => {} });

test("a signal that fires while a task is being suspended costs no slot, whatever the handler does", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const stopping = stoppingAt(sql, { query: SUSPEND, when: "after" }, () => gate.pass());
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

test("a look at the log that Postgres refuses beside a running step changes nothing: the next look finds the child's end", async () => {
  const { sql } = await freshDatabase();
  const heard = new Gate();
  const double = task({ name: "double", run: (n: number) => 2 * n });
  const both = durableTask({
    name: "both",
    run: (_: null, { run, step }) =>
      Promise.all([step("until the child has ended", () => heard.pass()), child(run)]),
  });
  async function child(run: DurableContext["run"]) {
    const output = await run(double, 21);
    heard.open();
    return output;
  }
  const id = await enqueue(sql, both, null);
  const broken = refusing(sql, SUSPEND, 2, postgresError("42501", "permission denied"));
  const tick = new Worker(broken, { tasks: [both], log: () => {} }).tick();
  await heard.arrived(1);
  const other = new Worker(sql, { tasks: [double], log: () => {} });
  while ((await other.tick()) === 0);
  await tick;

  expect(await result(sql, id)).toEqual({ status: "succeeded", output: [null, 42] });
  const [row] = await sql`select fence, attempt from tasks where id = ${id}`;
  expect(row).toEqual({ fence: 1, attempt: 1 });
});

test.each(["parent", "child"])(
  "a locked row of a %s does not block a worker's round: the child is cancelled by a later one",
  async (locked) => {
    const { sql } = await freshDatabase();
    const parent = durableTask({
      name: "parent",
      run: async (_: null, { run, step }) => {
        void run(never, undefined);
        await step("go on", () => {});
      },
    });
    const id = await enqueue(sql, parent, null);
    const worker = new Worker(sql, { tasks: [parent], log: () => {} });
    await worker.tick();
    const holder = await sql.reserve();
    await holder`begin`;
    const name = locked === "parent" ? "parent" : never.name;
    await holder`select from tasks where name = ${name} for update`;
    await worker.tick();
    const statuses = () => sql`select status, open_children from tasks order by id`;
    expect(await statuses()).toEqual([
      { status: "succeeded", openChildren: 1 },
      { status: "queued", openChildren: 0 },
    ]);

    await holder`commit`;
    holder.release();
    await worker.tick();
    expect(await statuses()).toEqual([
      { status: "succeeded", openChildren: 0 },
      { status: "cancelled", openChildren: 0 },
    ]);
    // A task that has ended is not told.
    const events =
      await sql`select status from events where task_id = ${id} and name = ${never.name}`;
    expect(events).toEqual([{ status: "started" }, { status: "reopened" }]);
  },
);
