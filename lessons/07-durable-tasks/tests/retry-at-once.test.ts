import type { Sql } from "shared/database";
import { freshDatabase, Gate, stoppingAt } from "shared/testing";
import { expect, onTestFinished, test } from "vitest";
import { cancel, durableTask, enqueue, result, retry, task, Worker } from "#engine";
import { wrongCounts } from "./tree-faults.ts";

const END = ["endRun", "endRuns"];
const MOMENTS = [
  "before the retry",
  "before the claim",
  "before the resumption",
  "after it",
] as const;

// A parent is cancelled while its child runs, and retried at once. The child's run ends at each moment of that.
test.each(
  MOMENTS.flatMap((moment) => [
    { moment, child: "has not been told to end" },
    { moment, child: "is to be cancelled, and has not noticed" },
    { moment, child: "is to be cancelled, and has noticed" },
  ]),
)(
  "a parent that is retried right after its cancellation gets its child's output: the run of the child ends $moment, and $child",
  async ({ moment, child: how }) => {
    const { sql } = await freshDatabase();
    const { tasks, parent, child, release, started, caught } = family();
    const id = await enqueue(sql, parent, null);
    const parents = () => new Worker(sql, { tasks: [parent], log: () => {} });
    await parents().tick();
    const ending = new Gate();
    const stopping = stoppingAt(sql, { query: END, when: "before" }, () => ending.pass());
    const children = new Worker(stopping, { tasks: [child], log: () => {} });
    const childRun = children.tick();
    await started.arrived(1);

    await cancel(sql, id);
    if (how !== "has not been told to end") await parents().tick();
    const [before] =
      await sql`select cancel_requested_at is not null as is_requested from tasks where name = 'child'`;
    expect(before).toEqual({ isRequested: how !== "has not been told to end" });
    // Its heartbeat tells it.
    if (how === "is to be cancelled, and has noticed") await children.tick();
    else release();
    await ending.arrived(1);
    const endIf = async (now: (typeof MOMENTS)[number]) => {
      if (moment !== now) return;
      ending.open();
      await childRun;
    };
    await endIf("before the retry");
    await retry(sql, id);
    await endIf("before the claim");
    const resuming = new Gate();
    const resumes = stoppingAt(sql, { query: RESUME, when: "before" }, () => resuming.pass());
    const parentRun = new Worker(resumes, { tasks: [parent], log: () => {} }).tick();
    await resuming.arrived(1);
    await endIf("before the resumption");
    resuming.open();
    await parentRun;
    await endIf("after it");
    release();
    await tickAll(sql, tasks);

    expect(await result(sql, id)).toEqual({ status: "succeeded", output: "done" });
    expect(caught).toEqual([]);
    await expectOneChild(sql);
  },
);

const RESUME = ["resumeChild", "resumeChildren"];

test.each(["end of the child", "resumption"])(
  "the end of a child and its resumption by a retried parent, at the same time: the %s is first",
  async (first) => {
    const { sql } = await freshDatabase();
    const { tasks, parent, child, release, started, caught } = family();
    const id = await enqueue(sql, parent, null);
    await new Worker(sql, { tasks: [parent], log: () => {} }).tick();
    const gates = { end: new Gate(), resumption: new Gate() };
    const ends = stoppingAt(sql, { query: END, when: "before" }, () => gates.end.pass());
    const childRun = new Worker(ends, { tasks: [child], log: () => {} }).tick();
    await started.arrived(1);
    await cancel(sql, id);
    // Marks the child, which ends well all the same.
    await new Worker(sql, { tasks: [parent], log: () => {} }).tick();
    release();
    await gates.end.arrived(1);
    await retry(sql, id);
    const resumes = stoppingAt(sql, { query: RESUME, when: "before" }, () =>
      gates.resumption.pass(),
    );
    const parentRun = new Worker(resumes, { tasks: [parent], log: () => {} }).tick();
    await gates.resumption.arrived(1);

    // Both want the parent's row, which is locked, and then whichever was first goes on.
    const holder = await sql.reserve();
    onTestFinished(() => holder.release());
    await holder`begin`;
    await holder`select from tasks where id = ${id} for no key update`;
    const [one, other] =
      first === "resumption" ? [gates.resumption, gates.end] : [gates.end, gates.resumption];
    one.open();
    await expect.poll(() => waiting(sql)).toBe(1);
    other.open();
    // The end of a child does not wait for the child's row: it is tried again a little later.
    if (first !== "resumption") await expect.poll(() => waiting(sql)).toBe(2);
    await holder`commit`;
    await Promise.all([childRun, parentRun]);
    await tickAll(sql, tasks);

    expect(await result(sql, id)).toEqual({ status: "succeeded", output: "done" });
    expect(caught).toEqual([]);
    await expectOneChild(sql);
  },
);

async function waiting(sql: Sql): Promise<number> {
  const rows = await sql`
    select distinct pid from pg_locks
    where not granted
      and pid in (select pid from pg_locks where relation = 'tasks'::regclass)`;
  return rows.length;
}

/** A parent with a child whose first run ends when it is released, or its signal fires. Later runs end at once. */
function family() {
  const [started, released] = [new Gate(), new Gate()];
  const caught: unknown[] = [];
  const child = task({
    name: "child",
    run: async (_: null, { signal }) => {
      void started.pass();
      const aborted = new Promise((_, reject) =>
        signal.addEventListener("abort", () => reject(signal.reason)),
      );
      await Promise.race([released.pass(), aborted]);
      return "done";
    },
  });
  const parent = durableTask({
    name: "parent",
    run: (_: null, { run }) =>
      run(child, null).catch((error) => {
        caught.push(error.message);
        throw error;
      }),
  });
  return { tasks: [parent, child], parent, child, started, release: () => released.open(), caught };
}

async function tickAll(sql: Sql, tasks: ConstructorParameters<typeof Worker>[1]["tasks"]) {
  const worker = new Worker(sql, { tasks, log: () => {} });
  while ((await worker.tick()) > 0);
}

async function expectOneChild(sql: Sql): Promise<void> {
  expect(await sql`select name, status, open_children from tasks order by id`).toEqual([
    { name: "parent", status: "succeeded", openChildren: 0 },
    { name: "child", status: "succeeded", openChildren: 0 },
  ]);
  expect(await wrongCounts(sql)).toEqual([]);
}
