import { connect } from "shared/database";
import { freshDatabase, Gate, stoppingAt } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { durableTask, enqueue, result, task, Worker } from "#engine";

const SUSPEND = ["suspendTask", "suspendTasks"];
const END = ["endRun", "endRuns"];

const double = task({ name: "double", run: (n: number) => 2 * n });
const parent = durableTask({ name: "parent", run: (n: number, { run }) => run(double, n) });

test("a suspended handler sees no exception, no `finally` and no signal", async () => {
  const { sql } = await freshDatabase();
  const seen: string[] = [];
  const careful = durableTask({
    name: "careful",
    run: async (_: null, { run, signal, step }) => {
      signal.addEventListener("abort", () => seen.push(`signal: ${signal.reason.message}`));
      try {
        seen.push("begins");
        await step("prepare", () => {});
        return await run(double, 21);
      } catch (error) {
        seen.push(String(error));
      } finally {
        seen.push("finally");
      }
      return undefined;
    },
  });
  const id = await enqueue(sql, careful, null);
  const worker = new Worker(sql, { tasks: [careful, double], log: () => {} });
  await worker.tick();
  expect(await result(sql, id)).toEqual({ status: "suspended" });
  expect(seen).toEqual(["begins"]);

  while ((await worker.tick()) > 0);
  expect(await result(sql, id)).toEqual({ status: "succeeded", output: 42 });
  expect(seen).toEqual(["begins", "begins", "finally"]);
});

test("a task is not suspended while one of its steps runs", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  let stepRuns = 0;
  const both = durableTask({
    name: "both",
    run: async (_: null, { run, step }) =>
      Promise.all([
        run(double, 21),
        step("slow", async () => {
          stepRuns += 1;
          await gate.pass();
          return stepRuns;
        }),
      ]),
  });
  const id = await enqueue(sql, both, null);
  const worker = new Worker(sql, { tasks: [both], log: () => {} });
  const other = new Worker(sql, { tasks: [double], log: () => {} });
  const tick = worker.tick();
  await gate.arrived(1);
  while ((await other.tick()) === 0);
  expect(await result(sql, id)).toEqual({ status: "running" });
  gate.open();
  await tick;

  expect(await result(sql, id)).toEqual({ status: "succeeded", output: [42, 1] });
  const [row] = await sql`select fence from tasks where id = ${id}`;
  expect(row).toEqual({ fence: 1 });
});

test("a parent is not suspended if its child has ended before", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const stopping = stoppingAt(sql, { query: SUSPEND, when: "before" }, () => gate.pass());
  const id = await enqueue(sql, parent, 21);
  const tick = new Worker(stopping, { tasks: [parent], log: () => {} }).tick();
  await gate.arrived(1);
  await new Worker(sql, { tasks: [double], log: () => {} }).tick();
  gate.open();
  await tick;

  expect(await result(sql, id)).toEqual({ status: "succeeded", output: 42 });
  const [row] = await sql`select fence from tasks where id = ${id}`;
  expect(row).toEqual({ fence: 1 });
});

test("a child that ends after its parent was suspended wakes it, even before the worker has the reply", async () => {
  const { sql } = await freshDatabase();
  const gate = new Gate();
  const stopping = stoppingAt(sql, { query: SUSPEND, when: "after" }, () => gate.pass());
  const id = await enqueue(sql, parent, 21);
  const tick = new Worker(stopping, { tasks: [parent], log: () => {} }).tick();
  await gate.arrived(1);
  const other = new Worker(sql, { tasks: [parent, double], log: () => {} });
  while ((await other.tick()) > 0);
  gate.open();
  await tick;

  expect(await result(sql, id)).toEqual({ status: "succeeded", output: 42 });
  const [row] = await sql`select fence, attempt from tasks where id = ${id}`;
  expect(row).toEqual({ fence: 2, attempt: 1 });
});

// Whichever statement locks the parent's row first, the other waits for it and sees what it has written.
test.each([
  { first: "parent", claims: 2 },
  { first: "child", claims: 1 },
])(
  "no wake-up is lost when parent and child want the parent's row at once, and the $first is first",
  async ({ first, claims }) => {
    const { sql, url, schema } = await freshDatabase();
    const workers = connect(url, { schema, applicationName: schema });
    onTestFinished(() => workers.end());
    const gates = { parent: new Gate(), child: new Gate() };
    const stopping = (query: string[], gate: Gate) =>
      stoppingAt(workers, { query, when: "before" }, () => gate.pass());
    const id = await enqueue(sql, parent, 21);
    const suspending = stopping(SUSPEND, gates.parent);
    const tick = new Worker(suspending, { tasks: [parent], log: () => {} }).tick();
    await gates.parent.arrived(1);
    const ending = stopping(END, gates.child);
    const childTick = new Worker(ending, { tasks: [double], log: () => {} }).tick();
    await gates.child.arrived(1);

    const holder = await sql.reserve();
    await holder`begin`;
    await holder`select from tasks where id = ${id} for no key update`;
    const waiting = async () => {
      const [row] = await sql`
      select count(*)::int as waiting
      from pg_stat_activity
      where application_name = ${schema} and cardinality(pg_blocking_pids(pid)) > 0`;
      return row?.waiting;
    };
    const [one, other] =
      first === "parent" ? [gates.parent, gates.child] : [gates.child, gates.parent];
    one.open();
    await expect.poll(waiting).toBe(1);
    other.open();
    await expect.poll(waiting).toBe(2);
    await holder`commit`;
    holder.release();
    await Promise.all([tick, childTick]);
    const last = new Worker(sql, { tasks: [parent], log: () => {} });
    while ((await last.tick()) > 0);

    expect(await result(sql, id)).toEqual({ status: "succeeded", output: 42 });
    const [row] = await sql`select fence, attempt, open_children from tasks where id = ${id}`;
    expect(row).toEqual({ fence: claims, attempt: 1, openChildren: 0 });
  },
);

test("a task whose heartbeat finds it suspended before its run does is suspended, not lost", async () => {
  const { sql } = await freshDatabase();
  await enqueue(sql, parent, 21);
  const gate = new Gate();
  const stopped = stoppingAt(sql, { query: SUSPEND, when: "after" }, () => gate.pass());
  const lines: string[] = [];
  const worker = new Worker(stopped, {
    tasks: [parent],
    name: "worker-1",
    leaseMs: 3_600_000,
    log: (line) => lines.push(line),
  });
  const ticking = worker.tick();
  await gate.arrived(1);
  await worker.tick();
  gate.open();
  await ticking;

  expect(lines).toEqual(["worker-1 claimed parent task=1", "worker-1 suspended parent task=1"]);
});
